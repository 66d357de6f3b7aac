import { afterEach, beforeEach, expect, test } from "bun:test";
import { chmod, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { log } from "../linux/log.ts";
import { runRestartCommand } from "./restart.ts";

let directory: string;
let lines: string[];
const path = process.env.PATH;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "pinwheel-restart-"));
  lines = [];
  process.env.PATH = `${directory}:${path}`;
});
afterEach(async () => {
  process.env.PATH = path;
  await rm(directory, { recursive: true });
});

/** A program in place of systemctl: it leaves what it was asked, and says this of the unit. */
async function systemctlThatSays(state: string, exitCode = 0): Promise<void> {
  const text = `#!/bin/sh
echo "$*" >>${directory}/asked
[ "$1" = show ] && printf '${state}' && exit
echo "no such verb" >&2
exit ${exitCode}
`;
  await writeFile(join(directory, "systemctl"), text);
  await chmod(join(directory, "systemctl"), 0o755);
}

const output = {
  toStdout: (line: string) => void lines.push(line.slice(9)),
  toStderr: (line: string) => void lines.push(line.slice(9)),
  now: () => new Date(0),
};
const restart = (command: string) => runRestartCommand(command, {}, log("test", "info", output));
const asked = async () => (await readFile(join(directory, "asked"), "utf8")).trim().split("\n");
const question = "show --property=LoadState --property=ActiveState pinwheel-test.service";

for (const verb of ["try-restart", "try-reload-or-restart"]) {
  const command = `systemctl ${verb} pinwheel-test.service`;

  test(`${verb} of a unit that is not installed is nothing to do, and is told`, async () => {
    await systemctlThatSays("LoadState=not-found\\nActiveState=inactive\\n", 5);
    await restart(command);
    expect(await asked()).toEqual([question]);
    expect(lines).toEqual(["[INFO] pinwheel-test.service is not part of this image: nothing to restart\n"]);
  });

  test(`${verb} of a unit that has failed starts it, with its failures forgotten`, async () => {
    await systemctlThatSays("LoadState=loaded\\nActiveState=failed\\n");
    await restart(command);
    expect(await asked()).toEqual([
      question,
      "reset-failed pinwheel-test.service",
      "restart pinwheel-test.service",
    ]);
  });

  // Units without processes may be active all the same: one-shots and timers.
  test(`${verb} of any other unit without processes is left to systemd`, async () => {
    await systemctlThatSays("LoadState=loaded\\nActiveState=active\\n");
    await restart(command);
    expect(await asked()).toEqual([question, `${verb} pinwheel-test.service`]);
    expect(lines).toEqual([]);
  });
}

test("a command that fails is an error with its exit code and what it said", async () => {
  await systemctlThatSays("LoadState=loaded\\nActiveState=inactive\\n", 5);
  await expect(restart("systemctl try-restart pinwheel-test.service")).rejects.toThrow(
    "exit code 5: no such verb",
  );
});

test("a restart, without try-, of a unit that is not installed is a failure", async () => {
  await systemctlThatSays("LoadState=not-found\\n", 5);
  await expect(restart("systemctl restart pinwheel-test.service")).rejects.toThrow(
    "exit code 5: no such verb",
  );
  expect(await asked()).toEqual(["restart pinwheel-test.service"]);
});
