/** How much input may be on its way to the command: the client's half of flow control (api.md 7.5). */

export class Capacity {
  private sent = 0;
  private written = 0;
  private most = 0; // nothing may be sent before the server has said how much
  private waiting: (() => void)[] = [];

  /** Resolves when one more message may be sent, which counts as sent from then on. */
  async take(): Promise<void> {
    // Strictly below what the server allows: the message that it has in hand may count or not.
    while (this.sent + 1 - this.written >= this.most) {
      await new Promise<void>((resolve) => this.waiting.push(resolve));
    }
    this.sent += 1;
  }

  /** @returns what is wrong with the server's message; undefined if nothing is */
  announce(text: string): string | undefined {
    const [most, written] = parse(text) ?? [];
    if (most === undefined || written === undefined)
      return `the server sent something that is no capacity: ${text.slice(0, 100)}`;
    if (written > this.sent)
      return `the server says that it has written ${written} messages, but ${this.sent} were sent`;
    this.most = most;
    this.written = written;
    for (const resolve of this.waiting.splice(0)) resolve();
    return undefined;
  }
}

function parse(text: string): [most: number, written: number] | undefined {
  try {
    const { Capacity: capacity } = JSON.parse(text) as { Capacity?: unknown };
    const { max_messages_outstanding: most, messages_written: written } = capacity as Record<string, unknown>;
    return isCount(most) && isCount(written) ? [most, written] : undefined;
  } catch {
    return undefined; // neither JSON nor an object: the same to whoever asked
  }
}

const isCount = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 0;
