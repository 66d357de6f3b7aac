/** How long work tells people what it does: named steps with their times, on a terminal or in a log. */

/** Long work is a list of named steps; `work` may call `note` with a detail worth showing. */
export interface Progress {
  step<T>(name: string, work: (note: (detail: string) => void) => Promise<T>): Promise<T>;
}

/**
 * Steps as lines on stderr: `✓ name   1.2 s   detail` when done. On a terminal the running step is shown too.
 *
 * @returns a Progress; nested steps are indented
 */
export function progressLines(stream: NodeJS.WriteStream = process.stderr): Progress {
  let depth = 0;
  return {
    async step(name, work) {
      const started = performance.now();
      const indent = "  ".repeat(depth++);
      const running = stream.isTTY === true ? `${indent}… ${name}` : undefined;
      if (running !== undefined) stream.write(`\r\x1b[K${running}`);
      const details: string[] = [];
      const line = (mark: string) => {
        const seconds = `${((performance.now() - started) / 1000).toFixed(1)} s`;
        const clear = running === undefined ? "" : "\r\x1b[K";
        stream.write(`${clear}${indent}${mark} ${name.padEnd(46 - indent.length)} ${seconds.padStart(7)}`);
        stream.write(details.length === 0 ? "\n" : `  ${details.join("; ")}\n`);
      };
      try {
        const result = await work((detail) => details.push(detail));
        line("✓");
        return result;
      } catch (error) {
        line("✗");
        throw error;
      } finally {
        depth -= 1;
      }
    },
  };
}

/** Steps that nobody watches: for tests. */
export const silentProgress: Progress = { step: (_name, work) => work(() => {}) };
