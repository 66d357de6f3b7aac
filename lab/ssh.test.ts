/** The lab's key and the configuration with which a machine is found, judged by a real ssh client. */
import { afterAll, beforeAll, describe, expect, it } from "bun:test";
import { mkdtemp, readFile, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ensureSdk, progressLines, type Sdk } from "../sdk/index.ts";
import { ensureSshKey, sshLine, writeSshConfig } from "./ssh.ts";

let sdk: Sdk;
let directory: string;
beforeAll(async () => {
  sdk = await ensureSdk(progressLines());
  directory = await mkdtemp(join(tmpdir(), "pinwheel ssh "));
}, 300_000);
afterAll(() => rm(directory, { recursive: true }));

describe("the lab's key", () => {
  it("is made at first use, for one at a time, and is the same from then on", async () => {
    const keys = join(directory, "keys");
    const made = await Promise.all([ensureSshKey(sdk, keys), ensureSshKey(sdk, keys)]);
    expect(made[0]).toEqual(made[1]);
    expect(await ensureSshKey(sdk, keys)).toEqual(made[0]);
    const fingerprint = await sdk.run(["ssh-keygen", "-l", "-f", "-"], { stdin: made[0].publicKey });
    expect(fingerprint).toMatch(/^256 SHA256:\S+ pinwheel-lab \(ED25519\)\n$/);
    expect(await sdk.run(["ssh-keygen", "-y", "-f", made[0].file], { readable: [keys] })).toBe(
      `${made[0].publicKey}\n`,
    );
  });

  it("is readable for its owner alone, as ssh demands", async () => {
    expect((await stat(join(directory, "keys/id_ed25519"))).mode & 0o777).toBe(0o600);
  });
});

describe("the configuration of a machine", () => {
  it("leads ssh to its port, with the lab's key alone, and learns who it is once", async () => {
    await writeSshConfig(directory, { name: "wheel", sshPort: 40022 }, join(directory, "keys"));
    const read = await sdk.run(["ssh", "-G", "-F", join(directory, "ssh_config"), "wheel"], {
      readable: [directory],
    });
    const lines = read.split("\n");
    for (const line of [
      "hostname 127.0.0.1",
      "port 40022",
      "user ec2-user",
      "identitiesonly yes",
      `identityfile ${directory}/keys/id_ed25519`,
      `userknownhostsfile ${directory}/known_hosts`,
      "hostkeyalias wheel",
      "stricthostkeychecking accept-new",
    ])
      expect(lines).toContain(line);
    expect(lines.filter((line) => line.startsWith("identityfile "))).toHaveLength(1);
  });

  it("says in its first line how it is used", async () => {
    const [first] = (await readFile(join(directory, "ssh_config"), "utf8")).split("\n");
    expect(first).toEndWith(`Use: ${sshLine(directory, "wheel")}`);
  });
});
