import { describe, expect, test } from "bun:test";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { Failure } from "../linux/failure.ts";
import { groups } from "./groups/index.ts";
import { buildModel } from "./model.ts";
import { serviceNames } from "./services.ts";
import { ownVariants } from "./testing.ts";
import { loadVariant } from "./variant.ts";
import { readVariantSources, variantJson, variantNames } from "./variant-sources.ts";

describe("the variants of this tree", async () => {
  for (const name of await variantNames(ownVariants)) {
    test(`${name} is right, and its defaults fit its model (settings Check 36)`, async () => {
      const sources = await readVariantSources(ownVariants, name);
      const build = { arch: "x86_64", version: "1.11.1", buildId: "b" } as const;
      const variant = loadVariant(variantJson(sources, build));
      expect(variant).toMatchObject({ name, ...build, groups: sources.definition.groups });
      expect(buildModel(variant).defaults.size).toBeGreaterThan(0);
    });
  }
});

const groupNames = Object.keys(groups).join(", ");

const good = {
  "metal-dev/variant.toml": `
platform = "metal"
runtime = "dev"
group-sets = ["base"]
groups = ["ntp", "motd"]
defaults = ["base", "more"]
packages = ["base"]
units = []
`,
  "shared/groups/base.toml": 'groups = ["motd"]',
  "shared/defaults/base.toml": `
settings.motd = "first"
settings.ntp.time-servers = ["a.lan", "b.lan"]
[services.motd]
configuration-files = ["motd"]
restart-commands = []
[configuration-files.motd]
path = "/etc/motd"
template-path = "/usr/share/templates/motd"
format = "text"
`,
  "shared/defaults/more.toml": `
settings.motd = "second"
settings.ntp.time-servers = ["c.lan"]
configuration-files.motd.template-path = "/usr/share/templates/other"
`,
};

/** Reads the variant metal-dev of a tree made of these files; the messages of the failure if there is one. */
async function read(files: { readonly [path: string]: string }, name = "metal-dev"): Promise<unknown> {
  const directory = await mkdtemp(join(tmpdir(), "pinwheel-variants-"));
  try {
    for (const [path, text] of Object.entries(files)) {
      await mkdir(dirname(join(directory, path)), { recursive: true });
      await writeFile(join(directory, path), text);
    }
    return await readVariantSources(directory, name);
  } catch (thrown) {
    if (!(thrown instanceof Failure)) throw thrown;
    return thrown.message.replaceAll(directory, "variants").split("\n");
  } finally {
    await rm(directory, { recursive: true });
  }
}

describe("reading a variant", () => {
  test("later fragments win: tables are merged, lists replaced; what is not said has its default", async () => {
    expect(await read(good)).toEqual({
      definition: {
        name: "metal-dev",
        platform: "metal",
        runtime: "dev",
        architectures: ["x86_64", "aarch64"],
        groups: ["motd", "ntp"],
        defaults: ["base", "more"],
        packages: ["base"],
        units: [],
        rules: "production",
        kernelParameters: [],
        bootConfig: false,
        format: "raw",
        plan: "split",
        osSizeGiB: 2,
        dataSizeGiB: 1,
        publishSizeHintGiB: 22,
      },
      defaults: {
        settings: { motd: "second", ntp: { "time-servers": ["c.lan"] } },
        services: { motd: { "configuration-files": ["motd"], "restart-commands": [] } },
        "configuration-files": {
          motd: { path: "/etc/motd", "template-path": "/usr/share/templates/other", format: "text" },
        },
      },
    });
  });

  test("every mistake of every file is told at once, with its line and column", async () => {
    const files = {
      ...good,
      "metal-dev/variant.toml": `
platform = "metal"
runtime = "prod"
group-sets = ["base", "basic"]
groups = ["motd", "nope"]
defaults = ["base", "none"]
packages = "base"
boot-config = true
colour = "blue"
[layout]
plan = "round"
image-size-gib = 0
`,
      "shared/groups/base.toml": 'groups = ["modt"]\ngroup = 1\n',
      "shared/defaults/base.toml": "settings.motd = 5\nsetting.x = 1\n[services]\na = 1979-05-27\n",
    };
    expect(await read(files)).toEqual([
      "variants/shared/groups/base.toml:2:1: group: unknown field; accepted: groups",
      `variants/shared/groups/base.toml:1:10: groups: found "modt"; accepted: some of ${groupNames}`,
      "variants/metal-dev/variant.toml:9:1: colour: unknown field; accepted: platform, runtime, architectures, group-sets, groups, defaults, packages, units, rules, kernel-parameters, boot-config, format, layout",
      'variants/metal-dev/variant.toml:1:1: platform: platform and runtime make the name "metal-prod"; accepted: a folder of the same name; this one is metal-dev',
      'variants/metal-dev/variant.toml:4:14: group-sets: found "basic"; accepted: some of base',
      `variants/metal-dev/variant.toml:5:10: groups: found "nope"; accepted: some of ${groupNames}`,
      "variants/metal-dev/variant.toml:8:15: boot-config: found the boolean true; accepted: true with the group boot, else false",
      'variants/metal-dev/variant.toml:7:12: packages: found the text "base"; accepted: a list of strings',
      "variants/metal-dev/variant.toml: units: missing; accepted: a list of strings",
      'variants/metal-dev/variant.toml:11:8: layout.plan: found the text "round"; accepted: one of split, unified',
      "variants/metal-dev/variant.toml:12:18: layout.image-size-gib: found the integer 0; accepted: a whole number of GiB from 1 to 65535",
      "variants/shared/defaults/base.toml:2:1: setting: unknown field; accepted: settings, metadata, services, configuration-files",
      "variants/shared/defaults/base.toml:1:17: settings.motd: found the integer 5; accepted: a string",
      "variants/metal-dev/variant.toml: defaults: variants/shared/defaults/none.toml does not exist; accepted: a file",
      "variants/shared/defaults/base.toml:4:5: services.a: found the date or time 1979-05-27; accepted: a JSON value",
    ]);
  });

  const mistakes: [situation: string, fragment: string, message: string[]][] = [
    [
      "two types in one place",
      "[services.motd]\nrestart-commands = true",
      [
        "variants/shared/defaults/more.toml:2:20: services.motd.restart-commands: found the boolean true; accepted: a list, as in an earlier fragment",
      ],
    ],
    [
      "a date, which JSON does not have",
      "services.motd.x = 1979-05-27",
      [
        "variants/shared/defaults/more.toml:1:19: services.motd.x: found the date or time 1979-05-27; accepted: a JSON value",
      ],
    ],
    [
      "broken TOML",
      "[settings\n",
      [
        "variants/shared/defaults/more.toml:2:1: the document: not readable as TOML: Unterminated table-key; accepted: TOML 1.0, each key once",
      ],
    ],
    [
      "a file that no table describes",
      '[services.ntp]\nconfiguration-files = ["b"]\nrestart-commands = []',
      [
        'defaults of metal-dev: services.ntp.configuration-files: there is no configuration file "b"; accepted: one of motd',
      ],
    ],
    [
      "a misspelt service, which every setting would pass over",
      "[services.containrd]\nconfiguration-files = []\nrestart-commands = []",
      [
        `defaults of metal-dev: services.containrd: no setting can affect it; accepted: one of ${serviceNames.join(", ")}`,
      ],
    ],
    [
      "a generator that fills in a template which is not there",
      '[metadata.settings.motd]\nsetting-generator = "schnauzer settings.motd"',
      [
        'defaults of metal-dev: metadata.settings.motd: there is no template for the generator "schnauzer settings.motd"; accepted: template = "..." in metadata.settings.motd',
      ],
    ],
    [
      "a mode that is no four octal digits",
      "[configuration-files.motd]\nmode = 600",
      ['variant.json: configuration-files.motd.mode: found 600; accepted: four octal digits, like "0600"'],
    ],
    [
      "metadata of a group that the variant lacks, naming a service that it lacks",
      '[metadata.settings.kernel]\naffected-services = ["sysctl"]',
      [
        "defaults of metal-dev: metadata.settings.kernel: the variant has no such setting; accepted: metadata of settings of the variant's groups",
        'defaults of metal-dev: metadata.settings.kernel: there is no service "sysctl"; accepted: one of motd',
      ],
    ],
  ];
  for (const [situation, fragment, message] of mistakes) {
    test(`${situation} is refused`, async () => {
      expect(await read({ ...good, "shared/defaults/more.toml": fragment })).toEqual(message);
    });
  }

  test("defaults that break a rule between settings are refused: no boot could commit them", async () => {
    const text = good["metal-dev/variant.toml"].replace(
      'groups = ["ntp"',
      'groups = ["cloudformation", "ntp"',
    );
    const fragment =
      'settings.cloudformation.should-signal = true\nsettings.cloudformation.stack-name = "web"';
    const files = { ...good, "metal-dev/variant.toml": text, "shared/defaults/more.toml": fragment };
    expect(await read(files)).toEqual([
      "defaults of metal-dev: settings.cloudformation.logical-resource-id: it is empty, but should-signal is true; accepted: the name that the signal is for, or should-signal = false",
    ]);
  });

  test("a variant without any word about its groups is refused", async () => {
    const text = good["metal-dev/variant.toml"]
      .replace(/^group.*$/gm, "")
      .replace(/^defaults.*$/m, "defaults = []");
    expect(await read({ ...good, "metal-dev/variant.toml": text })).toEqual([
      "variants/metal-dev/variant.toml:1:1: groups: neither groups nor group-sets is given; accepted: one of them or both",
    ]);
  });

  test("an unknown variant is answered with those that exist", async () => {
    expect(await read(good, "metal-dvorak")).toEqual([
      'There is no variant "metal-dvorak" in variants, only metal-dev',
    ]);
  });
});
