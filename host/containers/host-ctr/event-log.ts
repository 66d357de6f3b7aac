/** The log of host-ctr: one line an event, of members NAME=VALUE (specification "containers" 7.1). */
import { errorPrefix, type Log } from "../../linux/log.ts";

/** What goes wrong goes to stderr, the rest to stdout, among what containers print. */
export function eventLog(): Log {
  const line =
    (stream: NodeJS.WriteStream, level: string, prefix = "") =>
    (message: string) => {
      const time = new Date().toISOString().replace(/\.\d+Z$/, "Z");
      stream.write(`${prefix}time="${time}" level=${level} msg=${JSON.stringify(message)}\n`);
    };
  return {
    error: line(process.stderr, "error", errorPrefix()),
    warn: line(process.stdout, "warning"),
    info: line(process.stdout, "info"),
    // The level is fixed.
    debug: () => undefined,
    trace: () => undefined,
  };
}
