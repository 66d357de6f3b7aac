/** The update dispatcher behind the API, with an updog that is a script: what its commands do to a disk with two sets. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "bun:test";
import { symlink, writeFile } from "node:fs/promises";
import { TestRepository } from "../../host/update/repository/testing.ts";
import { metadataText } from "../../publish/sign.ts";
import { image, offer, UpdateHost } from "./support/updates.ts";

let host: UpdateHost;
beforeAll(async () => {
  host = await UpdateHost.start();
}, 300_000);
afterAll(() => host?.stop());
beforeEach(() => host.begin());

const ask = (method: string, uri: string) => host.server.ask(method, uri);
const act = (action: string) => ask("POST", `/actions/${action}`);

describe("a command that runs", () => {
  it("updates Check 27: POST refresh returns before updog ends; the status is a 423 meanwhile, then tells of it", async () => {
    await host.offers("1.12.0");
    await host.updogWaits("whats");
    expect((await act("refresh-updates")).status).toBe(204);
    await host.untilUpdogWaits();
    expect((await ask("GET", "/updates/status")).status).toBe(423);
    expect((await host.progress()).running).toMatchObject({
      command: "refresh",
      version: null,
      progress: null,
    });
    await host.go();
    const { most_recent_command: result } = await host.ended();
    expect(result).toMatchObject({ cmd_type: "refresh", cmd_status: "Success", exit_status: 0, stderr: "" });
    expect(result?.timestamp).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d+Z$/);
    expect(await host.progress()).toMatchObject({
      running: null,
      finished: [{ result: { cmd_type: "refresh" } }],
    });
  });

  it("tells how far updog is, by what that writes", async () => {
    await host.offers("1.12.0");
    await host.act("refresh-updates");
    const told = '{"step":"images","image":"root","done":3,"total":4}';
    await host.updogWaits("update-image");
    await host.updog(
      "update-image",
      `echo '${told}' >"$5"\n${await host.root.text("run/updog/update-image.sh")}`,
    );
    await act("prepare-update");
    await host.untilUpdogWaits();
    expect((await host.progress()).running).toMatchObject({
      command: "prepare",
      version: "1.12.0",
      progress: { image: "root", done: 3, total: 4 },
    });
    await host.go();
    expect((await host.ended()).update_state).toBe("Staged");
    expect(await host.root.text("run/cache/thar-be-updates/progress.json")).toBe("");
  });

  it("keeps the lock until updog has ended, even if the dispatcher is killed; the next one records the failure", async () => {
    await host.offers("1.12.0");
    await host.act("refresh-updates");
    await host.updogWaits("update-image");
    await act("prepare-update");
    const updog = await host.untilUpdogWaits();
    const [, parent] = /^PPid:\t(\d+)$/m.exec(await Bun.file(`/proc/${updog}/status`).text()) ?? [];
    process.kill(Number(parent), "SIGKILL");
    expect((await act("refresh-updates")).status).toBe(423);
    await host.go();
    const cutOff = { cmd_type: "prepare", cmd_status: "Failed", exit_status: 1 };
    const told = await host.ended();
    expect(told).toMatchObject({
      update_state: "Available",
      staging_partition: null,
      most_recent_command: cutOff,
    });
    expect(told.most_recent_command?.stderr).toContain("was ended before the prepare was over");
    expect((await host.progress()).finished.at(-1)?.result).toEqual(
      told.most_recent_command as object as never,
    );
    expect((await host.act("prepare-update")).update_state).toBe("Staged");
    expect(
      (await host.progress()).finished.map(({ result }) => [result.cmd_type, result.cmd_status]),
    ).toEqual([
      ["refresh", "Success"],
      ["prepare", "Failed"],
      ["prepare", "Success"],
    ]);
  });
});

describe("a command that fails", () => {
  beforeEach(async () => {
    await host.offers("1.12.0");
    await host.act("refresh-updates");
  });

  it("updates Check 28: updog's exit code and stderr are in the status, whose state and staging stay", async () => {
    await host.updog("update-image", "echo boom >&2; exit 1");
    const status = await host.act("prepare-update");
    expect(status).toMatchObject({
      update_state: "Available",
      chosen_update: image("1.12.0"),
      staging_partition: null,
    });
    expect(status.most_recent_command).toMatchObject({
      cmd_type: "prepare",
      cmd_status: "Failed",
      exit_status: 1,
      stderr: "boom\n",
    });
  });

  it("updates Check 28: of an updog that was killed, the exit status is the signal's number", async () => {
    await host.updog("update-image", "kill -9 $$");
    expect((await host.act("prepare-update")).most_recent_command).toMatchObject({
      cmd_status: "Failed",
      exit_status: 9,
    });
  });

  it("is recorded, too, when updog cannot be started", async () => {
    await host.withProgram("updog", undefined, async () => {
      const { most_recent_command: result } = await host.act("prepare-update");
      expect(result).toMatchObject({ cmd_status: "Failed", exit_status: 127 });
      expect(result?.stderr).toContain("cannot start /usr/bin/updog");
    });
  });

  it("an updog that found nothing to write has not written the chosen update, whatever its exit code", async () => {
    await host.updog("update-image", "echo 'No update required' >&2; exit 0");
    const status = await host.act("prepare-update");
    expect(status).toMatchObject({ update_state: "Available", staging_partition: null });
    expect(status.most_recent_command?.cmd_status).toBe("Failed");
    expect(status.most_recent_command?.stderr).toContain("1.12.0 is not offered any more");
  });

  it("refresh leaves no stale choice behind: Idle, and nothing chosen", async () => {
    await host.updog("whats", "echo unreachable >&2; exit 1");
    expect(await host.act("refresh-updates")).toMatchObject({
      update_state: "Idle",
      chosen_update: null,
      available_updates: ["1.12.0"],
    });
  });

  for (const [what, printed, says] of [
    ["no JSON", "echo soon", "What updog printed is not a list of updates"],
    ["no list", "echo '{}'", "What updog printed is not a list of updates: it is not a list"],
    ["no version", `echo '[{"variant":"a","arch":"b","version":"c"}]'`, '"c" is not a version'],
  ] as const) {
    it(`a list that is ${what} is a failure, not a success with an old choice`, async () => {
      await host.updog("whats", `${printed}; exit 0`);
      const status = await host.act("refresh-updates");
      expect(status).toMatchObject({ update_state: "Idle", chosen_update: null });
      expect(status.most_recent_command).toMatchObject({ cmd_status: "Failed", exit_status: 0 });
      expect(status.most_recent_command?.stderr).toContain(says);
    });
  }

  it("a prepare that fails after it has erased the staged image leaves nothing staged", async () => {
    await host.act("prepare-update");
    await host.updog("update-image", "signpost clear-inactive; echo broken >&2; exit 1");
    expect(await host.act("prepare-update")).toMatchObject({
      update_state: "Available",
      staging_partition: null,
    });
    expect((await act("activate-update")).status).toBe(409);
  });

  it("one that fails before it has begun to write leaves the staged image to be activated", async () => {
    await host.act("prepare-update");
    await host.updog("update-image", "echo unreachable >&2; exit 1");
    expect(await host.act("prepare-update")).toMatchObject({ update_state: "Staged" });
    expect(await host.act("activate-update")).toMatchObject({ update_state: "Ready" });
  });
});

describe("an update", () => {
  const slots = async () => {
    const { update_state, active_partition: active, staging_partition: staging } = await host.status();
    return [update_state, active?.next_to_boot, staging?.next_to_boot];
  };

  it("updates Check 29: refresh, prepare, activate, deactivate: Available, Staged, Ready, Staged", async () => {
    await host.offers("1.12.0", "1.11.1", "1.10.0");
    const found = await host.act("refresh-updates");
    expect(found.available_updates).toEqual(["1.12.0", "1.11.1", "1.10.0"]);
    expect(found.chosen_update).toEqual(image("1.12.0"));
    expect(await slots()).toEqual(["Available", true, undefined]);
    await host.act("prepare-update");
    expect(await slots()).toEqual(["Staged", true, false]);
    await host.act("activate-update");
    expect(await slots()).toEqual(["Ready", false, true]);
    expect(await host.flags()).toEqual([0x0101n << 48n, 0x0012n << 48n]);
    await host.act("deactivate-update");
    expect(await slots()).toEqual(["Staged", true, false]);
    expect(await host.updogCalls()).toEqual([
      "whats --all --json",
      "update-image --image 1.12.0 --progress-file /run/cache/thar-be-updates/progress.json",
      "update-apply",
      "update-revert",
    ]);
  });

  for (const [what, lock, offers, chosen] of [
    ["latest takes the highest", "latest", ["1.13.0", "1.12.0"], "1.13.0"],
    ["latest goes back when what runs is above its maximum", "latest", [offer("1.10.0")], "1.10.0"],
    ["a lock takes its version alone, also a lower one", "v1.10.0", ["1.12.0", "1.10.0"], "1.10.0"],
    ["a lock on what is not offered takes nothing", "1.12.1", ["1.13.0", "1.12.0"], undefined],
    ["a lock on what runs takes nothing", "1.11.1", ["1.12.0", "1.11.1"], undefined],
  ] as const) {
    it(`updates 8.5: ${what}`, async () => {
      await host.offers(...offers);
      await host.lockOn(lock);
      try {
        const status = await host.act("refresh-updates");
        expect(status.chosen_update?.version).toBe(chosen as string);
        expect(status.update_state).toBe(chosen === undefined ? "Idle" : "Available");
      } finally {
        await host.lockOn("latest");
      }
    });
  }

  it("that is staged is staged still after a restart, and can be activated without writing it again", async () => {
    await host.offers("1.12.0");
    for (const action of ["refresh-updates", "prepare-update"]) await host.act(action);
    await host.restart();
    expect((await ask("GET", "/updates/status")).status).toBe(404);
    expect(await host.act("activate-update")).toMatchObject({
      update_state: "Ready",
      staging_partition: { image: image("1.12.0"), next_to_boot: true },
    });
    expect((await host.progress()).sets).toEqual({
      active: "A",
      next: "B",
      inactive: { set: "B", holds: "activated", image: image("1.12.0") },
    });
  });

  it("whose set somebody else has written to since is not told as what was there", async () => {
    await host.offers("1.12.0");
    for (const action of ["refresh-updates", "prepare-update"]) await host.act(action);
    await writeFile(host.root.at("disk/nvme0n1p10"), "another tree");
    await host.restart();
    expect(await host.act("refresh-updates")).toMatchObject({
      update_state: "Available",
      staging_partition: null,
    });
    expect((await host.progress()).sets?.inactive).toEqual({ set: "B", holds: "staged", image: null });
    // Unless it was updog, which leaves word of what it writes.
    await writeFile(host.root.at("var/lib/bottlerocket/update/prepared.json"), '{"version":"1.12.5"}');
    expect((await host.progress()).sets?.inactive.image).toEqual(image("1.12.5"));
  });
});

describe("a version that did not come up well", () => {
  const refused = [{ version: "1.12.0", reason: "the kernel panicked", time: "2031-05-01T09:00:00Z" }];
  beforeEach(async () => {
    await Bun.write(host.root.at("var/lib/bottlerocket/update/refused.json"), JSON.stringify(refused));
  });

  it("is not chosen: the next lower one is, and the end of refresh says why", async () => {
    await host.offers("1.12.0", "1.11.9");
    const { chosen_update: chosen, most_recent_command: result } = await host.act("refresh-updates");
    expect(chosen).toEqual(image("1.11.9"));
    expect(result?.stderr).toBe(
      "1.12.0 is not taken, because this host has tried it: the kernel panicked. To take it nevertheless: apiclient update apply --retry\n",
    );
    expect((await host.progress()).refused).toEqual(refused);
  });

  it("is prepared when it is asked for, also where nothing else is available", async () => {
    await host.offers("1.12.0");
    expect(await host.act("refresh-updates")).toMatchObject({ update_state: "Idle", chosen_update: null });
    expect(await act("prepare-update")).toEqual({
      status: 409,
      body: "1.12.0 is not taken, because this host has tried it: the kernel panicked. To take it nevertheless: apiclient update apply --retry",
    });
    expect(await host.act("prepare-update?retry=true")).toMatchObject({
      update_state: "Staged",
      chosen_update: image("1.12.0"),
      staging_partition: { image: image("1.12.0") },
    });
    expect((await host.updogCalls()).at(-1)).toEndWith(
      "--image 1.12.0 --progress-file /run/cache/thar-be-updates/progress.json --retry",
    );
  });
});

describe("with the real updog and a signed repository", () => {
  let repository: TestRepository;
  beforeAll(async () => {
    repository = new TestRepository();
    repository.publish(
      { "manifest.json": JSON.stringify({ updates: [offer("1.12.0")], migrations: {} }) },
      100,
    );
    await Bun.write(host.root.at("usr/share/updog/root.json"), metadataText(repository.root));
    const config = `metadata_base_url = "${repository.metadataUrl}"
targets_base_url = "${repository.targetsUrl}"
seed = 812
version_lock = "latest"
ignore_waves = false
`;
    await Bun.write(host.root.at("etc/updog.toml"), config);
  });
  afterAll(() => repository[Symbol.dispose]());
  const withUpdog = (work: () => Promise<void>) =>
    host.withProgram("updog", (path) => symlink("pinwheel-host", path), work);

  it("refresh chooses what the repository has", async () => {
    await withUpdog(async () => {
      const { most_recent_command: result, ...status } = await host.act("refresh-updates");
      expect(result).toMatchObject({ cmd_status: "Success", stderr: "" });
      expect(status).toMatchObject({
        update_state: "Available",
        available_updates: ["1.12.0"],
        chosen_update: image("1.12.0"),
      });
    });
  });

  it("a prepare that it refuses is recorded with its reason", async () => {
    await withUpdog(async () => {
      await host.act("refresh-updates");
      // The images are in the manifest, and not in the repository.
      const { most_recent_command: result, update_state: state } = await host.act("prepare-update");
      expect(state).toBe("Available");
      expect(result).toMatchObject({ cmd_type: "prepare", cmd_status: "Failed", exit_status: 1 });
      expect(result?.stderr).toStartWith("Starting update to 1.12.0\n");
      expect(result?.stderr).toContain("[ERROR]");
    });
  });

  it("activate and deactivate need no repository, and the flags say the same as the status", async () => {
    await host.setFlags("1/0/1", "0/1/0");
    await host.act("refresh-updates");
    await Bun.write(host.root.at("var/lib/bottlerocket/update/prepared.json"), '{"version":"1.12.0"}');
    await host.restart();
    repository[Symbol.dispose]();
    await withUpdog(async () => {
      expect(await host.act("activate-update")).toMatchObject({
        update_state: "Ready",
        active_partition: { next_to_boot: false },
        staging_partition: { image: image("1.12.0"), next_to_boot: true },
      });
      expect(await host.flags()).toEqual([0x0101n << 48n, 0x0012n << 48n]);
      expect(JSON.parse(await host.root.text("var/lib/bottlerocket/update/attempt.json"))).toMatchObject({
        version: "1.12.0",
        from: "1.11.1",
      });
      expect(await host.act("deactivate-update")).toMatchObject({
        update_state: "Staged",
        active_partition: { next_to_boot: true },
        staging_partition: { next_to_boot: false },
      });
      expect(await host.flags()).toEqual([0x0102n << 48n, 0x0010n << 48n]);
    });
  });
});
