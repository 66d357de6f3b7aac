/** For tests: a host whose units and containers answer from lists, and whose clock moves only while somebody waits. */
import type { ShownUnit } from "../../linux/units.ts";
import type { Ran } from "./checks.ts";
import type { CheckedHost } from "./wait-for-health.ts";

export const up: ShownUnit = { load: "loaded", active: "active", sub: "running" };
export const down: ShownUnit = { load: "loaded", active: "failed", sub: "failed" };

export class ListedHost implements CheckedHost {
  private ms = 0;
  /** The pauses between two questions, and the time given to each command, in milliseconds. */
  readonly pauses: number[] = [];
  readonly commandMs: number[] = [];

  /**
   * @param units     what all units are at each question; the last answer stays
   * @param commands  the exit codes of all commands, the same way, or what is thrown
   */
  constructor(
    private readonly units: readonly (ShownUnit | Error)[] = [up],
    private readonly commands: readonly (number | Error)[] = [0],
  ) {}

  async showUnits(names: readonly string[]): Promise<readonly ShownUnit[]> {
    const answer = this.units[Math.min(this.pauses.length, this.units.length - 1)] ?? up;
    if (answer instanceof Error) throw answer;
    return names.map(() => answer);
  }

  async runInContainer(_check: unknown, timeoutMs: number): Promise<Ran> {
    this.commandMs.push(timeoutMs);
    const answer = this.commands[Math.min(this.pauses.length, this.commands.length - 1)] ?? 0;
    if (answer instanceof Error) throw answer;
    return { exitCode: answer, how: `exit code ${answer}`, stdout: "", stderr: "" };
  }

  nowMs(): number {
    return this.ms;
  }

  async pause(ms: number): Promise<void> {
    this.pauses.push(ms);
    this.ms += ms;
  }
}
