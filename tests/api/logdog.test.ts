/** logdog as on a host: the real executable, the real server, and this machine's tar to unpack what it writes. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "bun:test";
import { mkdir, mkdtemp, readdir, readFile, rm, stat, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { exampleVariantText } from "../../host/api/testing.ts";
import { type Ended, type RunOptions, TestRoot } from "./support/root.ts";
import { RunningServer } from "./support/server.ts";

const OUTPUT = "/var/log/support/bottlerocket-logs.tar.gz";
const encoded = (text: string) => Buffer.from(text).toString("base64");
const KEY = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY";
const secrets = {
  proxy: "http://user:proxy-pass@proxy.test:3128",
  registry: "registry-pass",
  credentials: encoded(`[default]\naws_secret_access_key = ${KEY}\n`),
  userData: encoded('{"ssh":{"password":"user-data-pass"}}'),
};

let root: TestRoot;
let server: RunningServer;
beforeAll(async () => {
  const groups = ["motd", "network", "aws", "container-registry", "host-containers"];
  const services = { containerd: { "configuration-files": [], "restart-commands": [] } };
  const variant = { ...JSON.parse(exampleVariantText), groups, settings: {}, metadata: {}, services };
  root = await TestRoot.make(JSON.stringify({ ...variant, variant: "metal-dev" }));
  await symlink("pinwheel-host", root.at("usr/bin/logdog"));
  const dump = `[[registry]]\n  password = "${secrets.registry}"\n  mirror = "mirror.test"\n`;
  await root.script("usr/bin/containerd", `echo '${dump}'; echo "$@" >&2; exit 1`);
  await root.script(
    "usr/bin/journalctl",
    `case "$*" in "-a --no-pager") echo 'host apiserver: ${secrets.proxy} and ${KEY}'; cat /run/user-data; exit;; esac; echo "$@"`,
  );
  await put("run/user-data", `user data was ${secrets.userData}, user-data-pass\n`);
  await put("etc/os-release", "NAME=Pinwheel\n");
  await put("etc/docker/daemon.json", `{"proxies": {"https-proxy": "${secrets.proxy}"}, "debug": true}`);
  await put("var/log/kdump/dmesg.log", "panic\n");
  await put("var/log/kdump/deep/more", "more\n");
  server = await RunningServer.start(root);
  const settings = {
    motd: "hello",
    network: { "https-proxy": secrets.proxy, hostname: "node-7" },
    aws: { credentials: secrets.credentials, region: "eu-west-1" },
    "container-registry": {
      credentials: [{ registry: "r.test", username: "me", password: secrets.registry }],
    },
    "host-containers": { admin: { source: "r.test/admin:v1", "user-data": secrets.userData } },
  };
  const patched = await server.ask("PATCH", "/settings?tx=test", JSON.stringify(settings));
  expect([patched.status, patched.body]).toEqual([204, ""]);
  expect((await server.ask("POST", "/tx/commit?tx=test")).status).toBe(200);
}, 300_000);
afterAll(async () => {
  await server?.end();
  await root?.remove();
});
beforeEach(() => rm(root.at("var/log/support"), { recursive: true, force: true }));

async function put(path: string, text: string): Promise<void> {
  await mkdir(dirname(root.at(path)), { recursive: true });
  await writeFile(root.at(path), text);
}

const logdog = (args: readonly string[] = [], options?: RunOptions): Promise<Ended> =>
  root.run(["/usr/bin/logdog", ...args], options);

/** What this machine's tar makes of an archive: texts by path. */
async function unpacked(path = OUTPUT): Promise<ReadonlyMap<string, string>> {
  const into = await mkdtemp(join(tmpdir(), "pinwheel-logs-"));
  try {
    expect(await Bun.spawn(["tar", "-xzf", root.at(path), "-C", into]).exited).toBe(0);
    const entries = await readdir(into, { recursive: true, withFileTypes: true });
    const files = entries
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name));
    const texts = files.map(
      async (file): Promise<[string, string]> => [file.slice(into.length + 1), await readFile(file, "utf8")],
    );
    return new Map(await Promise.all(texts));
  } finally {
    await rm(into, { recursive: true });
  }
}

describe("logdog", () => {
  it("says what it does, and writes all of it below one directory", async () => {
    const ended = await logdog();
    expect(ended).toMatchObject({ exitCode: 0, stderr: "" });
    const lines = ended.stdout.trimEnd().split("\n");
    expect(lines[0]).toBe(
      "Running: exec containerd-config containerd --config /etc/containerd/config.toml config dump",
    );
    expect(lines.slice(0, -1).every((line) => line.startsWith("Running: "))).toBe(true);
    expect(lines.at(-1)).toBe(`logs are at: ${OUTPUT}`);
    expect(await readdir(root.at("var/log/support"))).toEqual(["bottlerocket-logs.tar.gz"]);
    expect((await stat(root.at(OUTPUT))).mode & 0o777).toBe(0o644);

    const files = await unpacked();
    const names = [...files.keys()].map((name) => name.replace(/^bottlerocket-logs\//, "")).sort();
    expect(names.join(" ")).toBe(
      "containerd-config containerd-config-host df df-inodes dmesg docker-daemon.json docker-info iptables-filter " +
        "iptables-nat journalctl-boots journalctl.errors journalctl.log logdog.errors networkctl os-release " +
        "proc-mounts settings.json signpost systemd-analyze-blame systemd-analyze-critical-chain " +
        "var/log/kdump/deep/more var/log/kdump/dmesg.log wicked",
    );
    const text = (name: string) => files.get(`bottlerocket-logs/${name}`);
    // Which of its two streams is seen first is not said.
    const said = "--config /etc/containerd/config.toml config dump\n";
    expect(text("containerd-config")).toContain(said);
    expect(text("containerd-config")?.replace(said, "")).toBe(
      '[[registry]]\n  password = "(secret)"\n  mirror = "mirror.test"\n\n',
    );
    expect(text("journalctl-boots")).toBe("--list-boots --no-pager\n");
    expect(text("os-release")).toBe("NAME=Pinwheel\n");
    expect(text("proc-mounts")).toContain(" /proc ");
    expect(text("var/log/kdump/deep/more")).toBe("more\n");
  });

  it("containers Check 31: what could not be collected has one line each, and logdog ends with 0", async () => {
    expect((await logdog()).exitCode).toBe(0);
    const errors = (await unpacked()).get("bottlerocket-logs/logdog.errors")?.trimEnd().split("\n") ?? [];
    expect(errors[0]).toBe("Error running command 'exec df df -h': 'the program df is not in this image'");
    expect(
      errors.map((line) => /^Error running command 'exec (\S+) .*': '.*'$/.exec(line)?.[1]).join(" "),
    ).toBe(
      "df df-inodes dmesg iptables-filter iptables-nat systemd-analyze-blame systemd-analyze-critical-chain signpost " +
        "wicked networkctl docker-info",
    );
  });

  it("containers Check 32: settings without secrets, which are nowhere else either", async () => {
    expect((await logdog()).exitCode).toBe(0);
    const files = await unpacked();
    expect(files.get("bottlerocket-logs/settings.json")).toBe(`{
  "aws": {
    "region": "eu-west-1"
  },
  "host-containers": {
    "admin": {
      "source": "r.test/admin:v1"
    }
  },
  "motd": "hello",
  "network": {
    "hostname": "node-7"
  }
}
`);
    expect(files.get("bottlerocket-logs/journalctl.log")).toBe(
      "host apiserver: (secret) and (secret)\nuser data was (secret), (secret)\n",
    );
    const all = [...files.values()].join("\n");
    for (const secret of [...Object.values(secrets), KEY, "proxy-pass", "user-data-pass"]) {
      expect(all).not.toContain(secret);
    }
  });

  it("knows the secrets without a server too, and says that the settings are missing", async () => {
    expect((await logdog(["--socket-path", "/run/nobody.sock"])).exitCode).toBe(0);
    const files = await unpacked();
    expect(files.has("bottlerocket-logs/settings.json")).toBe(false);
    expect(files.get("bottlerocket-logs/logdog.errors")).toContain(
      "Error running command 'settings settings.json': 'cannot reach the API server at /run/nobody.sock",
    );
    expect(files.get("bottlerocket-logs/journalctl.log")).toStartWith(
      "host apiserver: (secret) and (secret)\n",
    );
  });
});

describe("the output", () => {
  it("is where --output says, in a directory that is made, and replaces what was there", async () => {
    for (const again of [1, 2]) {
      const ended = await logdog(["--output", "/var/log/support/new/x.tgz"]);
      expect([again, ended.exitCode]).toEqual([again, 0]);
      expect(ended.stdout).toEndWith("logs are at: /var/log/support/new/x.tgz\n");
    }
    expect((await unpacked("/var/log/support/new/x.tgz")).size).toBeGreaterThan(10);
  });

  it("cannot be /, which ends with 1", async () => {
    const ended = await logdog(["--output", "/"]);
    expect(ended).toMatchObject({ exitCode: 1, stdout: "" });
    expect(ended.stderr).toEndWith(
      "The archive cannot be /: it has no file name. Give --output the path of a file\n",
    );
  });

  it("of a full disk: exit code 1, which file and what to do; nothing is left of it", async () => {
    await mkdir(root.at("small"), { recursive: true });
    await put(
      "var/log/kdump/big",
      Buffer.from(crypto.getRandomValues(new Uint8Array(60_000))).toString("hex"),
    );
    const ended = await root.run(
      ["/bin/sh", "-c", '/usr/bin/logdog --output /small/x.tgz; echo "exit $?"; echo /small/* /small/.t*'],
      {
        mounts: 'mount -t tmpfs -o size=16k none "$R/small"',
      },
    );
    await rm(root.at("var/log/kdump/big"));
    expect(ended.stdout).toEndWith("exit 1\n/small/* /small/.t*\n");
    expect(ended.stderr).toMatch(
      /The archive \/small\/x\.tgz could not be written, and what there was of it is removed: ENOSPC.*\. If the disk is full, give --output a path elsewhere, such as \/run\/logs\.tar\.gz, which is in memory\n$/,
    );
  });

  it("is not left half when logdog is ended", async () => {
    await root.script("usr/bin/docker", "echo $$ >/run/begun; exec sleep 300");
    const child = Bun.spawn(root.command(["/usr/bin/logdog"]), {
      env: { PATH: "/usr/bin:/bin:/sbin:/usr/sbin" },
      stdout: "ignore",
    });
    while ((await root.text("run/begun")) === "") await Bun.sleep(50);
    expect(await readdir(root.at("var/log/support"))).toEqual([expect.stringMatching(/^\.tmp-/)]);
    child.kill("SIGTERM");
    expect(await child.exited).toBe(1);
    const began = Number(await root.text("run/begun"));
    // Dead, if not yet taken note of by whoever has inherited it.
    const state = () => readFile(`/proc/${began}/status`, "utf8").catch(() => "State:\tZ");
    for (let tries = 0; tries < 40 && !/^State:\tZ/m.test(await state()); tries++) await Bun.sleep(50);
    expect(await state()).toMatch(/^State:\tZ/m);
    await rm(root.at("usr/bin/docker"));
    expect(await readdir(root.at("var/log/support"))).toEqual([]);
  }, 60_000);
});

describe("a wrong command line ends with 2 and says how logdog is used", () => {
  const table: [args: readonly string[], problem: string][] = [
    [["--bogus"], "logdog: unknown option --bogus"],
    [["now"], 'logdog: unknown argument "now"'],
    [["--output"], "logdog: option --output needs a value"],
  ];
  for (const [args, problem] of table) {
    it(`containers Check 31: ${args.join(" ")}`, async () => {
      const ended = await logdog(args);
      expect(ended).toMatchObject({ exitCode: 2, stdout: "" });
      expect(ended.stderr).toStartWith(`${problem}\n\n`);
      expect(ended.stderr).toContain("Usage: logdog [OPTIONS]");
    });
  }
});
