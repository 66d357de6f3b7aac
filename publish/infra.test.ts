import { describe, expect, test } from "bun:test";
import { createHash } from "node:crypto";
import { readFileSync, rmSync, statSync } from "node:fs";
import { pathToFileURL } from "node:url";
import fc from "fast-check";
import { ToolFailure } from "../sdk/index.ts";
import { parseExpirationPolicy } from "./expiration-policy.ts";
import { readInfra } from "./infra.ts";
import { findInfra } from "./infra-file.ts";
import { parseReleaseFile } from "./release-file.ts";
import { Desk, VARIANT } from "./testing.ts";
import { parseToml } from "./toml-file.ts";
import { parseWavePolicy } from "./wave-policy.ts";

const full = `
[repo.default]
root_role_url = "https://updates.example.com/root.json"
root_role_sha512 = "${"aB".repeat(64)}"
signing_keys = { file = { path = "keys/default.pem" } }
root_keys = { kms = { key_id = "abc-def", available_keys = { "abc-def" = "us-west-2" }, whatever = 1 } }
metadata_base_url = "https://updates.example.com/2020-07-07/"
targets_url = "https://updates.example.com/targets"
file_hosting_config_name = "main"
root_key_threshold = 1
pub_key_threshold = 1

[aws]
regions = ["us-west-2"]
profile = "publish"
role = "arn:aws:iam::1:role/x"
ssm_prefix = "/example"
[aws.region.us-west-2]
role = "arn:aws:iam::1:role/y"
[aws.s3.main]
region = "us-west-2"
anything = true

[vmware]
datacenters = ["north"]
[vmware.common]
network = "a"
[vmware.datacenter.north]
vsphere_url = "https://vsphere.example.com"
`;

async function read(text: string, name = "Infra.toml") {
  using desk = new Desk();
  desk.write(name, text);
  try {
    return await findInfra(desk.path("Infra.toml"));
  } catch (thrown) {
    throw new Error(String((thrown as Error).message).replaceAll(`${desk.directory}/`, ""));
  }
}

describe("Infra.toml", () => {
  test("has everything of section 16.1; what is inside aws.s3.NAME and a KMS key is not looked at", async () => {
    expect((await read(full))?.repos.get("default")).toMatchObject({
      rootRole: { url: "https://updates.example.com/root.json", sha512: "ab".repeat(64) },
      signingKeys: { key: { kind: "file", path: "keys/default.pem" } },
      rootKeys: { key: { kind: "kms", uri: "aws-kms:///abc-def" } },
      metadataBaseUrl: "https://updates.example.com/2020-07-07/",
      targetsUrl: "https://updates.example.com/targets",
    });
  });
  test("tells every mistake with its line: unknown names, half a root role, no URL, two kinds of key", async () => {
    const text = [
      "[repo.x]",
      'root_role_url = "root.json"',
      "rot = 1",
      'signing_keys = { file = { path = "k" }, ssm = { parameter = "/k" } }',
      "pub_key_threshold = 0",
      "[aws]",
      "speed = 1",
      "[vmware.datacenter.n]",
      "user = 1",
    ].join("\n");
    await expect(read(text)).rejects.toThrow(
      [
        "Infra.toml:7:1: aws.speed: unknown field; accepted: regions, profile, role, region, ssm_prefix, s3",
        "Infra.toml:9:1: vmware.datacenter.n.user: unknown field; accepted: vsphere_url, datacenter, datastore, network, folder, resource_pool",
        "Infra.toml:3:1: repo.x.rot: unknown field; accepted: root_role_url, root_role_sha512, signing_keys, root_keys, metadata_base_url, targets_url, file_hosting_config_name, root_key_threshold, pub_key_threshold",
        'Infra.toml:2:17: repo.x.root_role_url: found the text "root.json"; accepted: a URL, file:// included',
        "Infra.toml:1:7: repo.x.root_role_sha512: missing; accepted: root_role_url and root_role_sha512 together",
        "Infra.toml:4:16: repo.x.signing_keys: found 2 kinds of key; accepted: one of file, kms, ssm",
        "Infra.toml:5:21: repo.x.pub_key_threshold: found the integer 0; accepted: a whole number from 1 to 1000",
      ].join("\n"),
    );
  });
  test("is not read when Infra.lock, which is YAML, stands beside it", async () => {
    const lock = 'repo:\n  locked:\n    targets_url: "https://example.com/t/"\n';
    using desk = new Desk();
    desk.write("Infra.toml", full);
    desk.write("Infra.lock", lock);
    expect([...((await findInfra(desk.path("Infra.toml")))?.repos.keys() ?? [])]).toEqual(["locked"]);
    await expect(read("repo: [", "Infra.lock")).rejects.toThrow("Infra.lock: ");
    await expect(read("repos: {}", "Infra.lock")).rejects.toThrow("Infra.lock: repos: unknown field");
  });
  test("may be absent", async () => {
    using desk = new Desk();
    expect(await findInfra(desk.path("Infra.toml"))).toBeUndefined();
  });
});

describe("keys of a repository", () => {
  for (const [kind, config, uri, needs] of [
    ["KMS", '{ kms = { key_id = "abc" } }', "aws-kms:///abc", "a client for AWS KMS"],
    ["SSM", '{ ssm = { parameter = "/k/abc" } }', "aws-ssm:///k/abc", "a client for AWS SSM parameters"],
  ] as const) {
    test(`in ${kind} are refused, with what is missing and where they are named`, async () => {
      using desk = new Desk();
      const file = desk.write("Infra.toml", `[repo.default]\nsigning_keys = ${config}\n`);
      await expect(desk.repo("keys")).rejects.toThrow(
        `${file}:2:16: repo.default.signing_keys is ${uri}: this version cannot sign with it, as it lacks ${needs}; only keys in files can be used`,
      );
      expect(desk.list()).toEqual(["Infra.toml", "images"]);
    });
  }
  test("are made where Infra.toml names them, for nobody else to read, and never made again", async () => {
    using desk = new Desk();
    desk.write(
      "Infra.toml",
      '[repo.default]\nsigning_keys = { file = { path = "s.pem" } }\nroot_keys = { file = { path = "r.pem" } }\n',
    );
    await desk.repo("keys", "--type", "ecdsa");
    expect(statSync(desk.path("s.pem")).mode & 0o777).toBe(0o600);
    const { roles } = desk.json("root.json").signed;
    expect(roles.root.keyids).not.toEqual(roles.targets.keyids);
    const before = ["s.pem", "r.pem", "root.json"].map((name) => readFileSync(desk.path(name), "utf8"));
    await desk.repo("keys");
    expect(["s.pem", "r.pem", "root.json"].map((name) => readFileSync(desk.path(name), "utf8"))).toEqual(
      before,
    );
    rmSync(desk.path("s.pem"));
    await expect(desk.repo("keys")).rejects.toThrow(`There is no signing key ${desk.path("s.pem")}`);
    await desk.repo("keys", "--allow-missing-key");
    expect(desk.list()).not.toContain("s.pem");
  });
  test("belong to a repository that is named rightly", async () => {
    using desk = new Desk();
    const file = desk.write("Infra.toml", "[repo.staging]\n");
    await expect(desk.repo("keys", "--repo", "stagin")).rejects.toThrow(
      `${file} has no repository stagin; it has: staging`,
    );
  });
  test("a root role of Infra.toml is fetched, and compared with its SHA-512 every time", async () => {
    using desk = new Desk();
    await desk.start();
    const bytes = readFileSync(desk.path("root.json"));
    const url = pathToFileURL(desk.write("published.json", bytes)).href;
    const config = (sha512: string) =>
      `[repo.default]\nroot_role_url = "${url}"\nroot_role_sha512 = "${sha512}"\nsigning_keys = { file = { path = "default.pem" } }\n`;
    const right = createHash("sha512").update(bytes).digest("hex");
    rmSync(desk.path("root.json"));
    desk.write("Infra.toml", config("0".repeat(128)));
    await expect(desk.repo("keys")).rejects.toThrow(
      `${url} has the SHA-512 ${right}; expected is ${"0".repeat(128)}`,
    );
    expect(desk.list()).not.toContain("root.json");
    desk.write("Infra.toml", config(right.toUpperCase()));
    await desk.repo("keys");
    expect(readFileSync(desk.path("root.json"))).toEqual(bytes);
    desk.write("root.json", "{}");
    await expect(desk.repo("keys")).rejects.toThrow("has the SHA-512");
  });
  test("a repository without a root role says how to begin", async () => {
    using desk = new Desk();
    await desk.build("1.0.0");
    desk.release("1.0.0");
    await expect(desk.repo("build", VARIANT, "--out", desk.path("out"))).rejects.toThrow(
      `There is no root role ${desk.path("root.json")}`,
    );
    expect(desk.list()).not.toContain("out");
  });
});

describe("Release.toml", () => {
  test("has the version and, by pairs, the migrations in their order", () => {
    const text =
      'version = "1.1.0"\ndate = 2031-05-01T00:00:00Z\n[migrations]\n"(1.0.0,  1.1.0)" = ["b", "a"]\n';
    expect(parseReleaseFile("R", text)).toMatchObject({
      version: { text: "1.1.0" },
      migrations: [{ from: { text: "1.0.0" }, to: { text: "1.1.0" }, names: ["b", "a"] }],
    });
  });
  test("tells all that is wrong with its line", () => {
    const text =
      'version = "1.1"\n[migrations]\n"1.0.0" = []\n"(1.0.0, 1.1.0)" = []\n"(1.0.0,1.1.0)" = [1]\n';
    expect(() => parseReleaseFile("R", text)).toThrow(
      [
        'R:1:11: version: found the text "1.1"; accepted: a version like 1.11.1',
        'R:3:1: migrations."1.0.0": not two versions; accepted: a key like "(1.11.0, 1.11.1)"',
        'R:5:1: migrations."(1.0.0,1.1.0)": (1.0.0, 1.1.0) is given twice; accepted: each pair once',
        'R:5:20: migrations."(1.0.0,1.1.0)"[0]: found the integer 1; accepted: a string',
      ].join("\n"),
    );
  });
});

describe("files that people write", () => {
  test("are read or refused with a place, whatever is in them", () => {
    const words = fc.constantFrom(
      ...[
        "[repo.x]",
        "[[waves]]",
        "version",
        "start_after",
        "signing_keys",
        "[migrations]",
        '"(1.0.0, 1.1.0)"',
      ],
      ...["=", "\n", "{", "}", "[", "]", '"1 day"', "5", "file", "path", ".", "2031-05-01", "true", " "],
    );
    const texts = fc.oneof(
      fc.string(),
      fc.array(words).map((each) => each.join("")),
    );
    const readers = [
      (text: string) => parseToml("f.toml", text, readInfra),
      (text: string) => parseReleaseFile("f.toml", text),
      (text: string) => parseWavePolicy("f.toml", text),
      (text: string) => parseExpirationPolicy("f.toml", text),
    ];
    fc.assert(
      fc.property(texts, fc.constantFrom(...readers), (text, read) => {
        try {
          read(text);
        } catch (thrown) {
          if (!(thrown instanceof ToolFailure)) throw thrown;
          for (const line of thrown.message.split("\n")) expect(line).toStartWith("f.toml");
        }
      }),
      { numRuns: 500 },
    );
  });
});
