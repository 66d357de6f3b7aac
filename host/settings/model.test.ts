import { describe, expect, test } from "bun:test";
import { Failure } from "../linux/failure.ts";
import { checkNode } from "./check.ts";
import type { Declaration } from "./declaration.ts";
import { groups } from "./groups/index.ts";
import { parseKey } from "./keys.ts";
import { buildModel } from "./model.ts";
import { schemaOf } from "./schema.ts";
import { sourceFromJson } from "./source.ts";
import { schemaTakes, testModel, testVariant, testVariantContent } from "./testing.ts";
import { loadVariant } from "./variant.ts";

const model = testModel();

describe("affected services (api Check 19, settings Check 35)", () => {
  const table: [key: string, services: string[] | undefined][] = [
    ["settings.motd", ["motd"]],
    ['settings.kernel.sysctl."vm.max_map_count"', ["sysctl"]],
    ["settings.network.hostname", ["hostname", "hosts"]],
    ["settings.network.https-proxy", ["containerd", "updog"]],
    ["settings.network", ["containerd", "updog"]],
    ["settings.updates.seed", ["updog"]],
    ["settings.boot.kernel.console", ["bootconfig"]],
    ["settings.boot.kernel-parameters.console", ["bootconfig"]],
    // The test variant has no service for these: said as if nothing were declared (settings 3.4).
    ["settings.kernel.modules.sctp.allowed", undefined],
    ["settings.kernel.lockdown", undefined],
    ["settings.kernel", undefined],
    ["settings.nope", undefined],
    ["services.motd", undefined],
  ];
  for (const [text, services] of table) {
    test(`of ${text}: ${services?.join(", ") ?? "not known"}`, () => {
      const key = parseKey(text);
      expect(key.ok && model.affectedServices(key.key)).toEqual(services as never);
    });
  }

  test("the data of a variant replace what is declared, for the key and those below it", () => {
    const metadata = {
      settings: { network: { "affected-services": ["hosts"], hosts: { "affected-services": [] } } },
    };
    const changed = buildModel(testVariant({ metadata }));
    const affected = (text: string) => {
      const key = parseKey(text);
      return key.ok ? changed.affectedServices(key.key) : undefined;
    };
    expect(affected("settings.network.no-proxy")).toEqual(["hosts"]);
    expect(affected("settings.network.hostname")).toEqual(["hostname", "hosts"]);
    expect(affected("settings.network.hosts")).toBeUndefined();
  });
});

describe("what the model knows besides", () => {
  test("generators are declared, for groups too; a template is inherited", () => {
    expect([...model.settingGenerators]).toEqual([
      ["settings.updates.metadata-base-url", "schnauzer settings.updates.metadata-base-url"],
      ["settings.updates.seed", "bork seed"],
      ["settings.network.hostname", "netdog generate-hostname"],
      ["settings.boot", "/usr/bin/prairiedog generate-boot-settings"],
    ]);
    const key = parseKey("settings.updates.metadata-base-url");
    expect(key.ok && model.template(key.key)).toBe("https://{{ os.arch }}/");
  });

  test("generators are those of the variant's platform (settings 8.3)", () => {
    const generatorsOf = (variant: string) =>
      Object.fromEntries(
        buildModel(testVariant({ variant, groups: ["kubernetes", "metrics"] })).settingGenerators,
      );
    expect(generatorsOf("aws-k8s-1.24")).toEqual({
      "settings.kubernetes.cluster-dns-ip": "pluto cluster-dns-ip",
      "settings.kubernetes.node-ip": "pluto node-ip",
      "settings.kubernetes.max-pods": "pluto max-pods",
      "settings.kubernetes.pod-infra-container-image":
        "schnauzer settings.kubernetes.pod-infra-container-image",
      "settings.metrics.send-metrics": "shibaken is-partition --partition aws --partition aws-us-gov",
    });
    expect(generatorsOf("metal-k8s-1.24")).toEqual({ "settings.kubernetes.node-ip": "netdog node-ip" });
  });

  test("a variant without a group has neither its settings nor its generators", () => {
    const small = testModel(["motd", "ntp"]);
    expect(Object.keys(small.declaration.members)).toEqual(["motd", "ntp"]);
    expect([...small.settingGenerators]).toEqual([]);
    expect(small.checkSettings(sourceFromJson({ kernel: {} })).ok).toBe(false);
  });

  test("defaults are leaves in stored form", () => {
    expect([...model.defaults]).toEqual([
      ["settings.motd", "hello"],
      ["settings.ntp.time-servers", ["time.example.com"]],
    ]);
  });
});

describe("the declarations", () => {
  for (const [name, declaration] of Object.entries(groups)) {
    for (const [key, declared] of everyDeclaration(`settings.${name}`, declaration)) {
      const about = declared.about;
      test(`${key} is described in sentences`, () => {
        if (about !== undefined) expect(about.doc).toMatch(/^[A-Z].*\.$/s);
      });
      const example = about?.example;
      if (example === undefined) continue;
      test(`the example of ${key} is a good value`, () => {
        expect(checkNode(declared, ["settings"], sourceFromJson(example))).toMatchObject({ ok: true });
        expect(schemaTakes(schemaOf(declared), example)).toBe(true);
      });
    }
  }
});

function* everyDeclaration(key: string, declaration: Declaration): Generator<[string, Declaration]> {
  yield [key, declaration];
  if (declaration.kind === "map") yield* everyDeclaration(`${key}.*`, declaration.value);
  if (declaration.kind !== "group") return;
  for (const [name, member] of Object.entries(declaration.members))
    yield* everyDeclaration(`${key}.${name}`, member);
}

describe("variant.json", () => {
  const facts: [name: string, platform: string, runtime: string, family: string][] = [
    ["metal-dev", "metal", "dev", "metal-dev"],
    ["aws-k8s-1.24-nvidia", "aws", "k8s", "aws-k8s"],
    ["aws-ecs-1", "aws", "ecs", "aws-ecs"],
  ];
  for (const [variant, platform, runtime, family] of facts) {
    test(`the name ${variant} says its platform, its runtime and its family`, () => {
      expect(testVariant({ variant })).toMatchObject({ platform, runtime, family });
    });
  }

  const refused: [situation: string, replaced: object, message: string][] = [
    [
      "a missing field",
      { arch: undefined },
      'variant.json: arch: missing; accepted: a string on one line\nvariant.json: arch: missing; accepted: "x86_64" or "aarch64"',
    ],
    [
      "an unknown field",
      { extra: 1 },
      "variant.json: extra: unknown field; accepted: variant, arch, version, build-id, groups, settings, metadata, services, configuration-files",
    ],
    [
      "an unknown group",
      { groups: ["nope"] },
      `variant.json: groups: found "nope"; accepted: ${Object.keys(groups).join(", ")}`,
    ],
    [
      "a service without its commands",
      { services: { a: { "configuration-files": [] } } },
      "variant.json: services.a.restart-commands: missing; accepted: a list of strings",
    ],
    [
      "a path of two lines",
      { "configuration-files": { a: { path: "/a\n", "template-path": "/b", format: "text" } } },
      'variant.json: configuration-files.a.path: found "/a\\n"; accepted: a string on one line',
    ],
    [
      "a file whose format is not said",
      { "configuration-files": { a: { path: "/a", "template-path": "/b" } } },
      "variant.json: configuration-files.a.format: missing; accepted: one of toml, yaml, json, env, unit, words, text, verbatim",
    ],
    [
      "a file of an unknown format",
      { "configuration-files": { a: { path: "/a", "template-path": "/b", format: "ini" } } },
      'variant.json: configuration-files.a.format: found "ini"; accepted: one of toml, yaml, json, env, unit, words, text, verbatim',
    ],
  ];
  for (const [situation, replaced, message] of refused) {
    test(`${situation} is refused by name`, () => {
      expect(() => loadVariant(JSON.stringify({ ...testVariantContent, ...replaced }))).toThrow(
        new Error(message),
      );
    });
  }

  test("what is not JSON is refused with the code of bad variants", () => {
    try {
      loadVariant("{");
      expect.unreachable();
    } catch (thrown) {
      expect(thrown instanceof Failure && thrown.code).toBe("settings/bad-variant");
    }
  });

  test("a default that does not fit the model is told with its key when defaults are asked for", () => {
    const bad = buildModel(testVariant({ settings: { motd: 5 } }));
    expect(() => bad.defaults).toThrow(
      new Error("defaults of test-dev: settings.motd: found the integer 5; accepted: a string"),
    );
  });

  test("metadata of another shape is refused", () => {
    const metadata = { settings: { motd: { "affected-services": "motd" } } };
    expect(() => buildModel(testVariant({ metadata }))).toThrow(
      new Error(
        'test-dev: metadata.settings.motd.affected-services: found "motd"; accepted: affected-services (a list of names), setting-generator or template (a string)',
      ),
    );
  });
});
