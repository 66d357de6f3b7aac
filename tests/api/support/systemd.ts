/** systemctl, journalctl and chronyc as shell scripts in the root of a test, which say what the test wants. */
import { existsSync } from "node:fs";
import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { until } from "./exec.ts";
import type { TestRoot } from "./root.ts";

/** The unit that there is not; of all others systemctl says that they are loaded and run, unless told otherwise. */
export const noUnit = "nope.service";

const RUNNING = `Description=A unit
LoadState=loaded
ActiveState=active
SubState=running
Result=success
ExecMainCode=0
ExecMainStatus=0
NRestarts=0
StateChangeTimestamp=@1769860800`;

const SYSTEMCTL = `
[ ! -e /run/systemctl.seconds ] || { echo >/run/systemctl.begun; sleep "$(cat /run/systemctl.seconds)"; }
case "$1 $2" in
"list-units "*) cat /run/failed.units 2>/dev/null || : ;;
"show --property=LoadState") [ "$5" = ${noUnit} ] && echo not-found || echo loaded ;;
"show --property=LoadState,"*)
  shift 3
  echo "$*" >>/run/shown
  for unit; do
    cat "/run/units/$unit" 2>/dev/null || echo "${RUNNING}"
    echo
  done ;;
"reboot "*) echo reboot >>/run/reboots ;;
"show --timestamp=unix")
  echo look >>/run/looks
  shift 4
  for unit; do
    if [ -e "/run/units/$unit" ]; then cat "/run/units/$unit"; else echo "${RUNNING}"; fi
    echo
  done ;;
*) cat /run/manager.properties ;;
esac`;

// "exec" keeps the process that was started the one that goes on.
const JOURNALCTL = `
echo $$ >>/run/journalctl.pids
printf '%s\\n' "$*" >/run/journalctl.arguments
case "$(cat /run/journalctl.how)" in
lines) echo one; echo two ;;
follow) echo one; exec sleep 1000 ;;
silent) exec sleep 1000 ;;
endless) while :; do echo 0123456789012345678901234567890123456789012345678901234567890123; done ;;
fails) echo one; sleep 0.3; exit 3 ;;
esac`;

/** What the scripts say, and what became of them. */
export class Systemd {
  private constructor(private readonly root: TestRoot) {}

  /** Puts the scripts into a root, whose image is said to have these units. */
  static async in(root: TestRoot, units: readonly string[]): Promise<Systemd> {
    await root.script("usr/bin/systemctl", SYSTEMCTL);
    await root.script("usr/bin/journalctl", JOURNALCTL);
    await mkdir(root.at("run/units"), { recursive: true });
    await writeFile(root.at("usr/lib/pinwheel/units.json"), JSON.stringify(units));
    await writeFile(
      root.at("run/manager.properties"),
      "SystemState=running\nUserspaceTimestampMonotonic=2500000\n",
    );
    return new Systemd(root);
  }

  /** What the journal does from now on; the processes so far are forgotten. */
  async journal(how: "lines" | "follow" | "silent" | "endless" | "fails"): Promise<void> {
    await writeFile(this.root.at("run/journalctl.how"), how);
    await rm(this.root.at("run/journalctl.pids"), { force: true });
  }

  /** How journalctl was started last. */
  arguments(): Promise<string> {
    return this.root.text("run/journalctl.arguments");
  }

  /** How many journalctl were started, and how many of them are there yet. */
  async journals(): Promise<{ started: number; left: number }> {
    const pids = (await this.root.text("run/journalctl.pids")).split("\n").filter((line) => line !== "");
    const alive = await Promise.all(
      pids.map((pid) =>
        readFile(`/proc/${pid}/cmdline`, "utf8").then(
          (text) => text !== "",
          () => false,
        ),
      ),
    );
    return { started: pids.length, left: alive.filter(Boolean).length };
  }

  /** Waits until so many journalctl run. */
  async untilLeft(count: number): Promise<void> {
    const deadlineMs = performance.now() + 20_000;
    for (;;) {
      const { left } = await this.journals();
      if (left === count) return;
      if (performance.now() > deadlineMs) throw new Error(`${left} journalctl run, not ${count}`);
      await Bun.sleep(20);
    }
  }

  /** Has systemctl take its time from now on. */
  async slow(seconds: number): Promise<void> {
    await rm(this.root.at("run/systemctl.begun"), { force: true });
    await writeFile(this.root.at("run/systemctl.seconds"), `${seconds}`);
  }

  /** Waits until a systemctl that takes its time was started. */
  untilAsked(): Promise<void> {
    return until(() => existsSync(this.root.at("run/systemctl.begun")), "systemctl is asked");
  }

  /** What systemctl shows of a unit. */
  async unit(name: string, properties: string): Promise<void> {
    await writeFile(this.root.at("run/units", name), `${properties}\n`);
  }
}
