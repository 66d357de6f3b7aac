/**
 * The Checks of the specification "settings" as requests to the real server, whose variant has every group. What only
 * a type refuses or takes has more examples beside the groups; these show that it reaches the wire and comes back.
 */
import { afterAll, beforeAll, describe, expect, it } from "bun:test";
import { writeFile } from "node:fs/promises";
import Ajv2020 from "ajv/dist/2020.js";
import { exampleVariantText } from "../../host/api/testing.ts";
import { groups } from "../../host/settings/groups/index.ts";
import { certificatePem, otherPem } from "../../host/settings/groups/testdata.ts";
import type { Json } from "../../host/settings/index.ts";
import { TestRoot } from "./support/root.ts";
import { RunningServer } from "./support/server.ts";

let root: TestRoot;
let server: RunningServer;
beforeAll(async () => {
  root = await TestRoot.make();
  const variant = { ...JSON.parse(exampleVariantText), groups: Object.keys(groups) };
  await writeFile(root.at("usr/lib/pinwheel/variant.json"), JSON.stringify(variant));
  server = await RunningServer.start(root);
  await server.ask("POST", "/tx/commit?tx=bottlerocket-launch");
}, 300_000);
afterAll(async () => {
  await server?.end();
  await root?.remove();
});

const patch = (body: Json) => server.ask("PATCH", "/settings?tx=t", JSON.stringify(body));
const commit = async (): Promise<readonly string[]> =>
  JSON.parse((await server.ask("POST", "/tx/commit?tx=t")).body);
const get = async (uri: string): Promise<unknown> => JSON.parse((await server.ask("GET", uri)).body);

/** The document `{a: {b: value}}` of a key `a.b`; names with dots stand in double quotes. */
function documentOf(key: string, value: Json): Json {
  const names = [...key.matchAll(/"([^"]+)"|[^."]+/g)].map(([all, quoted]) => quoted ?? all);
  return names.reduceRight<Json>((inner, name) => ({ [name]: inner }), value);
}

const base64 = (text: string) => Buffer.from(text).toString("base64");

/** What a setting takes and refuses, by the Check that says so. */
const types: [check: number, key: string, taken: Json[], refused: Json[]][] = [
  [4, "kubernetes.cluster-name", ["a"], []],
  [4, "kubernetes.cluster_name", [], ["a"]],
  [6, 'kernel.sysctl."vm.swappiness"', ["10"], [10]],
  [7, "kubernetes.cluster-dns-ip", [[]], ["x", 5]],
  [8, "kubernetes.node-taints", [], [{ gpu: [] }, { gpu: 7 }, { gpu: ["yes"] }, { gpu: null }, null]],
  [9, "container-registry.mirrors", [], [[{ registry: "quay.io", tls: true }], null]],
  [11, "boot", [{ "kernel-parameters": { console: [] } }], [{ kernel: {}, "kernel-parameters": {} }]],
  [11, "boot.kernel-parameters.console", [], ["tty0"]],
  [12, "boot.init.x", [], [["a\"b'c"], ["a\tb"]]],
  [12, 'boot.init."a..b"', [], [["x"]]],
  [12, 'boot.init."a.b"', [["x"]], []],
  [13, "kubernetes.cloud-provider", ["aws"], ["gcp"]],
  [14, "kubernetes.node-labels.a", ["", "a".repeat(63)], ["a".repeat(64), "-a"]],
  [14, 'kubernetes.node-labels."example.io/a"', ["x"], []],
  [14, 'kubernetes.node-labels."a/b/c"', [], ["x"]],
  [14, `kubernetes.node-labels.${"a".repeat(64)}`, [], ["x"]],
  [15, `kubernetes.node-labels."${"example.".repeat(20)}io/${"a".repeat(63)}"`, [], ["x"]],
  [16, `host-containers.${"a".repeat(76)}.enabled`, [true], []],
  [16, `host-containers.${"a".repeat(77)}.enabled`, [], [true]],
  [16, "host-containers.a_b.enabled", [], [true]],
  [16, "host-containers", [], [{ "": { enabled: true } }]],
  [17, 'kubernetes.eviction-hard."memory.available"', ["99.9%", "200Mi"], ["100%"]],
  [17, 'kubernetes.eviction-hard."memory.free"', [], ["10%"]],
  [18, "kubernetes.system-reserved.cpu", ["500m", "1", "2e3", "1Gi"], ["1e-3", "12ki", "10%", ""]],
  [18, "kubernetes.system-reserved.pid", [], ["1"]],
  [19, "kubernetes.cpu-manager-reconcile-period", ["1h2m3s4ms"], ["1m1h", "10", "5us", ""]],
  [19, "ecs.task-cleanup-wait", ["1s5us"], []],
  [20, "kubernetes.image-gc-high-threshold-percent", ["85"], ["101", "-1", ""]],
  [21, "kubernetes.log-level", [255], [256, -1]],
  [21, "ecs.reserved-memory", [65_535], [65_536]],
  [21, "kubernetes.max-pods", [110], [-1]],
  [21, "kubernetes.registry-qps", [-5], []],
  [21, "updates.seed", [4_294_967_295], [4_294_967_296]],
  [
    22,
    "kubernetes.bootstrap-token",
    ["abc123.0123456789abcdef"],
    ["ABC123.0123456789abcdef", "abc12.0123456789abcdef", "abc123.0123456789abcde"],
  ],
  [
    23,
    "pki.x.data",
    [base64(certificatePem), ""],
    [
      base64(certificatePem + otherPem),
      base64("plain text"),
      base64(certificatePem.split("-----END")[0] ?? ""),
      "not base64!",
    ],
  ],
  [24, "network.hosts", [], [[["192.0.2.0/24", ["a"]]], [["192.0.2.1", ["A"]]], [["192.0.2.1"]]]],
  [
    25,
    "network.hostname",
    ["node-1.lan"],
    ["Node1", "a.", "-a", "a".repeat(64), `${"a".repeat(62)}.`.repeat(4) + "a".repeat(2)],
  ],
  [26, "kubernetes.cluster-domain", ["cluster.local"], [".local", "192.0.2.1", "a b", ""]],
  [27, "updates.version-lock", ["latest", "1.11.1", "v1.11.1"], ["1.11", "vv1.0.0"]],
  [28, "kernel.lockdown", ["none", "integrity", "confidentiality"], ["Integrity"]],
];

describe("PATCH /settings", () => {
  for (const [check, key, taken, refused] of types) {
    const shown = key.length > 60 ? `${key.slice(0, 60)}…` : key;
    for (const value of taken) {
      it(`settings Check ${check}: ${shown} takes ${JSON.stringify(value).slice(0, 60)}`, async () => {
        expect(await patch(documentOf(key, value))).toEqual({ status: 204, body: "" });
        await server.ask("DELETE", "/tx?tx=t");
      });
    }
    for (const value of refused) {
      it(`settings Check ${check}: ${shown} refuses ${JSON.stringify(value).slice(0, 60)}`, async () => {
        const answer = await patch(documentOf(key, value));
        expect(answer.status).toBe(400);
        expect(answer.body).toMatch(/^Nothing was stored, because of body:1:\d+: settings\./);
        expect(await get("/tx?tx=t")).toEqual({});
      });
    }
  }

  it("settings Check 2: refuses the document with its wrapper, and names that", async () => {
    const answer = await patch({ settings: { motd: "a" } });
    expect(answer.status).toBe(400);
    expect(answer.body).toContain("settings.settings: ");
  });

  it("settings Check 3: stores nothing of a document of which one half is wrong", async () => {
    expect((await patch({ motd: "a", nope: 1 })).status).toBe(400);
    expect(await get("/tx?tx=t")).toEqual({});
  });

  it("settings Check 5: null leaves what is set as it is", async () => {
    await patch({ motd: "x" });
    expect(await commit()).toEqual(["settings.motd"]);
    expect((await patch({ motd: null })).status).toBe(204);
    expect((await server.ask("POST", "/tx/commit?tx=t")).status).toBe(422);
    expect(await get("/settings?keys=settings.motd")).toEqual({ motd: "x" });
  });

  it("settings Check 21: refuses a number with a fraction for an integer, though the fraction is 0", async () => {
    const answer = await server.ask("PATCH", "/settings?tx=t", '{"kubernetes":{"max-pods":5.0}}');
    expect(answer.status).toBe(400);
  });

  it("settings Check 40: takes no body that is too long or no JSON by its type; nothing changes", async () => {
    await patch({ motd: "before" });
    const long = `{"motd":"x"}${" ".repeat(2_097_152 - 11)}`;
    expect((await server.ask("PATCH", "/settings?tx=t", long)).status).toBe(413);
    expect((await server.ask("PATCH", "/settings?tx=t", '{"motd":"x"}', "text/plain")).status).toBe(400);
    expect(await get("/tx?tx=t")).toEqual({ motd: "before" });
    await server.ask("DELETE", "/tx?tx=t");
  });
});

/** What is set, and what the commit and a read of the same keys answer. */
const readBack: [check: number, what: string, given: Json, keys: string[], read: Json][] = [
  [
    7,
    "one DNS address stays one",
    { kubernetes: { "cluster-dns-ip": "10.96.0.10" } },
    ["settings.kubernetes.cluster-dns-ip"],
    { kubernetes: { "cluster-dns-ip": "10.96.0.10" } },
  ],
  [
    7,
    "a list of DNS addresses stays a list",
    { kubernetes: { "cluster-dns-ip": ["10.96.0.10", "fd00:0:0::a"] } },
    ["settings.kubernetes.cluster-dns-ip"],
    { kubernetes: { "cluster-dns-ip": ["10.96.0.10", "fd00::a"] } },
  ],
  [
    8,
    "one taint becomes a list",
    { kubernetes: { "node-taints": { gpu: "yes:NoSchedule" } } },
    ["settings.kubernetes.node-taints.gpu"],
    { kubernetes: { "node-taints": { gpu: ["yes:NoSchedule"] } } },
  ],
  [
    9,
    "a table of mirrors becomes a list",
    { "container-registry": { mirrors: { "quay.io": ["https://m.lan"] } } },
    ["settings.container-registry.mirrors"],
    { "container-registry": { mirrors: [{ registry: "quay.io", endpoint: ["https://m.lan"] }] } },
  ],
  [
    10,
    "creds are credentials",
    { "container-registry": { creds: [{ registry: "r.lan" }] } },
    ["settings.container-registry.credentials"],
    { "container-registry": { credentials: [{ registry: "r.lan" }] } },
  ],
  [
    11,
    "kernel-parameters are kernel",
    { boot: { "kernel-parameters": { console: ["tty0"] } } },
    ["settings.boot.kernel.console"],
    { boot: { kernel: { console: ["tty0"] } } },
  ],
  [
    13,
    "no cloud provider is two quotes",
    { kubernetes: { "cloud-provider": "" } },
    ["settings.kubernetes.cloud-provider"],
    { kubernetes: { "cloud-provider": '""' } },
  ],
  [
    24,
    "host entries are not merged, and their addresses are in short form",
    {
      network: {
        hosts: [
          ["192.0.2.1", ["a", "b"]],
          ["192.0.2.1", ["c"]],
          ["2001:DB8:0:0::1", ["d"]],
        ],
      },
    },
    ["settings.network.hosts"],
    {
      network: {
        hosts: [
          ["192.0.2.1", ["a", "b"]],
          ["192.0.2.1", ["c"]],
          ["2001:db8::1", ["d"]],
        ],
      },
    },
  ],
  [
    27,
    "a version keeps its v",
    { updates: { "version-lock": "v1.11.1" } },
    ["settings.updates.version-lock"],
    { updates: { "version-lock": "v1.11.1" } },
  ],
];

describe("what is committed comes back", () => {
  for (const [check, what, given, keys, read] of readBack) {
    it(`settings Check ${check}: ${what}`, async () => {
      expect((await patch(given)).status).toBe(204);
      expect(await commit()).toEqual(keys);
      expect(await get(`/settings?keys=${encodeURIComponent(keys.join(","))}`)).toEqual(read);
    });
  }

  it("settings Check 6: a name with dots is one part of the key, in quotes", async () => {
    await patch({ kernel: { sysctl: { "vm.swappiness": "10" } } });
    expect(await commit()).toEqual(['settings.kernel.sysctl."vm.swappiness"']);
    const read = { kernel: { sysctl: { "vm.swappiness": "10" } } };
    expect(await get("/settings?prefix=settings.kernel.sysctl.%22vm")).toEqual(read);
    // Not so in the reference, which answers {}.
    expect(await get("/settings?prefix=settings.kernel.sysctl.vm")).toEqual(read);
  });

  it("settings 4.6: what is stored under a current name is found by its older one too", async () => {
    await patch({ boot: { init: { splash: ["a"] } } });
    await commit();
    const read = { boot: { init: { splash: ["a"] } } };
    expect(await get("/settings?prefix=settings.boot.init-parameters")).toEqual(read);
    expect(await get("/settings?keys=settings.boot.init-parameters.splash")).toEqual(read);
    expect(await get("/?prefix=settings.boot.init-parameters")).toEqual({ settings: read });
  });

  it("settings Check 29, but refused at the commit, and a cache-duration that is not set is left out: a credential provider", async () => {
    const provider = (members: Json) => ({ kubernetes: { "credential-providers": { p: members } } });
    await patch(provider({ enabled: true }));
    const refused = await server.ask("POST", "/tx/commit?tx=t");
    expect(refused.status).toBe(400);
    expect(refused.body).toContain("credential-providers.p.image-patterns: missing");
    await patch(provider({ "image-patterns": ["*.lan"] }));
    await commit();
    expect(await get("/settings?prefix=kubernetes.credential-providers")).toEqual(
      provider({ enabled: true, "image-patterns": ["*.lan"] }),
    );
  });

  it("all of it together fits the schema that the host shows", async () => {
    const isRight = new Ajv2020({ strict: false, allErrors: true }).compile(
      (await get("/settings/schema")) as object,
    );
    const settings = await get("/settings");
    expect([isRight(settings), isRight.errors]).toEqual([true, null]);
    // Otherwise nothing was looked at.
    expect(Object.keys(settings as object).length).toBeGreaterThan(6);
    expect(isRight({ ...(settings as object), nope: 1 })).toBe(false);
  });
});

describe("GET /os", () => {
  it("settings Check 37: has five fields, of which a prefix takes some; all are needed", async () => {
    const fields = ["arch", "build_id", "pretty_name", "variant_id", "version_id"];
    expect(Object.keys((await get("/os")) as object)).toEqual(fields);
    expect(await get("/os?prefix=ver")).toEqual({ version_id: "1.11.1" });
    expect(await get("/os?prefix=zzz")).toEqual({});
    expect((await server.ask("GET", "/os?prefix=")).status).toBe(400);
    const release = await root.text("usr/lib/os-release");
    await writeFile(root.at("usr/lib/os-release"), release.replace(/^BUILD_ID=.*\n/m, ""));
    const answer = await server.ask("GET", "/os");
    await writeFile(root.at("usr/lib/os-release"), release);
    expect(answer).toEqual({
      status: 500,
      body: "Cannot tell the os: /usr/lib/os-release: it has no BUILD_ID",
    });
  });
});
