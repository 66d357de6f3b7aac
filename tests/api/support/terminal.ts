/** A shell at a terminal, for what happens when somebody presses TAB. */

/** How long a shell may take to answer a key. */
const PATIENCE_MS = 20_000;

export class ShellAtTerminal {
  private output = "";
  private readonly decoder = new TextDecoder();
  private readonly child: Bun.Subprocess;

  constructor(command: readonly string[], env: Readonly<Record<string, string>>) {
    this.child = Bun.spawn([...command], {
      env: { ...env },
      terminal: {
        cols: 200,
        rows: 50,
        data: (_, bytes) => {
          this.output += this.decoder.decode(bytes, { stream: true });
        },
      },
    });
  }

  /** Presses these keys, and returns what the shell prints until this appears. */
  async type(keys: string, until: RegExp): Promise<string> {
    this.output = "";
    this.child.terminal?.write(keys);
    const deadline = performance.now() + PATIENCE_MS;
    while (!until.test(this.output)) {
      if (performance.now() > deadline) throw new Error(`the shell never printed ${until}:\n${this.output}`);
      await Bun.sleep(5);
    }
    return this.output;
  }

  async close(): Promise<void> {
    this.child.kill("SIGKILL");
    await this.child.exited;
    this.child.terminal?.close();
  }
}
