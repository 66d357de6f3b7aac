/** Settings on trial, with the real programs: confirmed, put back, and across killed servers and starts of the host. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "bun:test";
import { rm, writeFile } from "node:fs/promises";
import { TestRoot } from "./support/root.ts";
import { RunningServer } from "./support/server.ts";

const BASE = "/var/lib/bottlerocket/datastore";
/** The identity of the boot is what this file says. */
const BOOT_ID = "run/boot-id";
const mounts = `mount --bind "$R/${BOOT_ID}" "$R/proc/sys/kernel/random/boot_id"`;

let root: TestRoot;
let server: RunningServer;

beforeAll(async () => {
  root = await TestRoot.make();
  await writeFile(root.at(BOOT_ID), "first\n");
  await root.script("usr/bin/thar-be-settings", 'echo "$(cat)" >>/run/applied');
  server = await RunningServer.start(root, { mounts });
  await server.ask("POST", "/tx/commit?tx=bottlerocket-launch");
}, 300_000);
afterAll(async () => {
  await server?.end();
  await root?.remove();
});
beforeEach(async () => {
  await server.ask("POST", "/tx/revert");
  expect((await client("set", "motd=before")).exitCode).toBe(0);
  await rm(root.at("run/applied"), { force: true });
});

const client = (...args: string[]) => root.run(["/usr/bin/apiclient", ...args]);
const trial = () => server.ask("GET", "/tx/trial");
const motd = async () => JSON.parse(await root.live()).leaves["settings.motd"] as unknown;

/** Waits until no trial runs, and tells why. */
async function endOfTrial(): Promise<string> {
  const deadlineMs = performance.now() + 30_000;
  for (;;) {
    const { status, body } = await trial();
    if (status === 404) return body;
    if (performance.now() > deadlineMs) throw new Error("the trial did not end within 30 s");
    await Bun.sleep(20);
  }
}

/** Waits until so much was applied, and tells the keys, a line each time. */
async function applied(times: number): Promise<string> {
  const deadlineMs = performance.now() + 30_000;
  for (;;) {
    const text = await root.text("run/applied");
    if (text.split("\n").length > times) return text;
    if (performance.now() > deadlineMs) throw new Error(`within 30 s this was applied: ${text}`);
    await Bun.sleep(20);
  }
}

async function restart(signal: "SIGKILL" | "SIGTERM"): Promise<void> {
  await server.end(signal);
  server = await RunningServer.start(root, { mounts });
}

/** A new start of the host: another identity, storewolf before the server. */
async function startHost(bootId: string): Promise<string> {
  await server.end("SIGKILL");
  await writeFile(root.at(BOOT_ID), `${bootId}\n`);
  const ended = await root.run(["/usr/bin/storewolf", "--data-store-base-path", BASE], { mounts });
  expect(ended.exitCode).toBe(0);
  // What storewolf has done, before the server could do anything.
  const before = String(await motd());
  server = await RunningServer.start(root, { mounts });
  return before;
}

const notConfirmed =
  "No trial runs. The last one, of settings.motd, was put back because it was not confirmed in time";

describe("apiclient set --try", () => {
  it("applies the change and says on stderr what to do", async () => {
    const ended = await client("set", "--try", "--timeout", "1h30m", "motd=tried");
    expect(ended).toMatchObject({ exitCode: 0, stdout: "" });
    expect(ended.stderr).toBe(
      `The change is on trial for 5400 s: then it is put back, unless it is confirmed.
confirm with: apiclient confirm
put back now with: apiclient revert
If it needs a restart of the host: the time begins anew after it. A second restart puts the change back.
`,
    );
    expect(await motd()).toBe("tried");
    expect(await applied(1)).toBe('["settings.motd"]\n');
    const { status, body } = await trial();
    expect(status).toBe(200);
    const { "seconds-left": left, ...rest } = JSON.parse(body);
    expect(rest).toEqual({ keys: ["settings.motd"], seconds: 5400, "after-restart": false });
    expect(left).toBeGreaterThan(5000);
  });

  it("is kept by apiclient confirm", async () => {
    await client("set", "--try", "motd=tried");
    expect(await client("confirm")).toMatchObject({ exitCode: 0, stdout: "", stderr: "" });
    expect(await trial()).toEqual({
      status: 404,
      body: "No trial runs. The last one, of settings.motd, was confirmed",
    });
    expect(await motd()).toBe("tried");
  });

  it("is put back and applied when nobody confirms it", async () => {
    await client("set", "--try", "--timeout", "1s", "motd=tried");
    expect(await endOfTrial()).toBe(notConfirmed);
    expect(await motd()).toBe("before");
    expect(await applied(2)).toBe('["settings.motd"]\n["settings.motd"]\n');
    expect(server.printed).toContain("The trial of settings.motd was not confirmed");
  });

  it("is put back at once by apiclient revert", async () => {
    await client("set", "--try", "motd=tried");
    expect(await client("revert")).toMatchObject({ exitCode: 0, stdout: "", stderr: "" });
    expect(await motd()).toBe("before");
  });

  it("keeps other changes out, with a sentence that says how to go on, and leaves nothing pending", async () => {
    await client("set", "--try", "motd=tried");
    const ended = await client("set", "updates.seed=3");
    expect(ended.exitCode).toBe(1);
    expect(ended.stderr).toMatch(
      /409 Conflict: Nothing was committed, because a trial of settings\.motd runs, which is put back in \d+ s\. Confirm it \(apiclient confirm, /,
    );
    expect((await server.ask("GET", "/tx/list")).body).toBe("[]");
  });
});

it("apply and unset can be tried too", async () => {
  const applying = await root.run(["/usr/bin/apiclient", "apply", "--try"], {
    stdin: '[settings]\nmotd = "tried"\n',
  });
  expect(applying.stderr).toStartWith("The change is on trial for 120 s");
  await client("revert");
  await client("unset", "--try", "motd");
  expect(await motd()).toBe("Welcome");
  await client("revert");
  expect(await motd()).toBe("before");
});

for (const command of ["confirm", "revert"]) {
  it(`apiclient ${command} exits 1 with a sentence when no trial runs`, async () => {
    const ended = await client(command);
    expect(ended).toMatchObject({ exitCode: 1, stdout: "" });
    expect(ended.stderr).toContain("404 Not Found: No trial runs");
  });
}

describe("a trial survives", () => {
  it("a server that is killed: it is still put back", async () => {
    await client("set", "--try", "--timeout", "4s", "motd=tried");
    await restart("SIGKILL");
    expect(await motd()).toBe("tried");
    expect(await endOfTrial()).toBe(notConfirmed);
    expect(await motd()).toBe("before");
  });

  it("a server that comes back after its time was up", async () => {
    await client("set", "--try", "--timeout", "1s", "motd=tried");
    await server.end("SIGKILL");
    await Bun.sleep(1100); // the time is to pass without a server
    server = await RunningServer.start(root, { mounts });
    expect(await endOfTrial()).toBe(notConfirmed);
    expect(await motd()).toBe("before");
  });

  it("one restart of the host, in which it can be confirmed", async () => {
    await client("set", "--try", "motd=tried");
    expect(await startHost("second")).toBe("tried");
    expect(JSON.parse((await trial()).body)).toMatchObject({ "after-restart": true, seconds: 120 });
    expect((await client("confirm")).exitCode).toBe(0);
    expect(await startHost("third")).toBe("tried");
    expect(await startHost("fourth")).toBe("tried");
  });

  it("one restart of the host, after which its time runs again", async () => {
    await client("set", "--try", "--timeout", "3s", "motd=tried");
    await server.end("SIGKILL");
    expect(await startHost("fifth")).toBe("tried");
    expect(await endOfTrial()).toBe(notConfirmed);
    expect(await motd()).toBe("before");
  });

  it("no second one: storewolf puts the settings back before anything is applied", async () => {
    await client("set", "--try", "--timeout", "1h", "motd=tried");
    expect(await startHost("sixth")).toBe("tried");
    expect(await startHost("seventh")).toBe("before");
    expect((await trial()).body).toBe(
      "No trial runs. The last one, of settings.motd, was put back because the host started twice without its being confirmed",
    );
  });
});
