/** updog as on a host: the real executable, without the JIT, and a repository over HTTP. */
import { afterAll, beforeAll, describe, expect, it } from "bun:test";
import { mkdir, rm, symlink, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import { TestRepository } from "../../host/update/repository/testing.ts";
import { metadataText } from "../../publish/sign.ts";
import { TestRoot } from "./support/root.ts";

let root: TestRoot;
let repository: TestRepository;

beforeAll(async () => {
  root = await TestRoot.make();
  repository = new TestRepository();
  await symlink("pinwheel-host", root.at("usr/bin/updog"));
  await put("usr/share/updog/root.json", metadataText(repository.root));
  const images = { boot: "b", root: "r", hash: "h" };
  const own = {
    variant: "example",
    arch: "x86_64",
    version: "1.12.0",
    max_version: "1.12.0",
    waves: {},
    images,
  };
  repository.publish({ "manifest.json": JSON.stringify({ updates: [own], migrations: {} }) }, 100);
  await put(
    "etc/updog.toml",
    `metadata_base_url = "${repository.metadataUrl}"
targets_base_url = "${repository.targetsUrl}"
seed = 812
version_lock = "latest"
ignore_waves = false
`,
  );
});
afterAll(async () => {
  repository[Symbol.dispose]();
  await root.remove();
});

async function put(name: string, content: string): Promise<void> {
  await mkdir(dirname(root.at(name)), { recursive: true });
  await writeFile(root.at(name), content);
}

const updog = (...args: string[]) => root.run(["updog", ...args], { env: { BUN_JSC_useJIT: "0" } });

describe("updog", () => {
  it("verifies the repository and finds the update", async () => {
    expect(await updog("check-update")).toEqual({
      exitCode: 0,
      signal: null,
      stdout: "example 1.12.0\n",
      stderr: "",
    });
    const { stdout } = await updog("whats", "--all", "--json");
    expect(JSON.parse(stdout)).toMatchObject([{ version: "1.12.0", max_version: "1.12.0" }]);
  });

  it("remembers what it has seen: an older repository is a rollback", async () => {
    repository.publish({ "manifest.json": "{}" }, 99);
    const { exitCode, stderr } = await updog("check-update");
    expect([exitCode, stderr.includes(`timestamp.json is a rollback: `)]).toEqual([1, true]);
    await rm(root.at("var/lib/bottlerocket/update/trust.json"));
    expect((await updog("check-update")).stderr).toContain("The manifest cannot be read");
  });

  it("goes through the proxy of its configuration to https addresses", async () => {
    const asked: string[] = [];
    const proxy = Bun.listen({
      hostname: "127.0.0.1",
      port: 0,
      socket: {
        data(socket, data) {
          asked.push(data.toString().split("\r\n")[0] ?? "");
          socket.end("HTTP/1.1 403 no\r\n\r\n");
        },
      },
    });
    try {
      await put(
        "etc/updog.toml",
        `metadata_base_url = "https://updates.invalid/m/"
targets_base_url = "https://updates.invalid/t/"
seed = 812
version_lock = "latest"
ignore_waves = false
https_proxy = "127.0.0.1:${proxy.port}"
`,
      );
      expect((await updog("check-update")).exitCode).toBe(1);
      expect(asked[0]).toBe("CONNECT updates.invalid:443 HTTP/1.1");
    } finally {
      proxy.stop(true);
    }
  });
});
