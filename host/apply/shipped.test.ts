/** What every variant ships: its services, files and templates fit together. */
import { describe, expect, test } from "bun:test";
import { existsSync, readdirSync } from "node:fs";
import { basename, join } from "node:path";
import { buildModel, loadVariant } from "../settings/index.ts";
import { readVariantSources, variantJson, variantNames } from "../settings/variant-sources.ts";
import { updateRepository } from "./regions.ts";
import { readers, render, templates } from "./testing.ts";

const variants = join(import.meta.dir, "../../variants");
const build = { arch: "x86_64", version: "1.11.1", buildId: "0123abcd" } as const;
/** What generators add to the defaults on a host, of the groups that the variant has. */
const generated = new Map<string, string | number | boolean>([
  ["settings.updates.seed", 812],
  ["settings.updates.metadata-base-url", "https://updates.pinwheel.example/m/"],
  ["settings.updates.targets-base-url", "https://updates.pinwheel.example/t/"],
  ["settings.network.hostname", "n1"],
  ["settings.metrics.send-metrics", true],
  ["settings.aws.region", "eu-west-1"],
  ["settings.kubernetes.node-ip", "192.0.2.9"],
  ["settings.kubernetes.pod-infra-container-image", "registry.example.com/pause:3"],
]);
/** The files that may hold a password, a token or a key. */
const secretFiles = [
  "/etc/containerd/config.toml",
  "/etc/docker/daemon.json",
  "/etc/ecs/ecs.config",
  "/etc/host-containers/host-ctr.toml",
  "/etc/kubernetes/kubelet/bootstrap-kubeconfig",
  "/etc/kubernetes/pki/kubelet-server.key",
  "/etc/network/proxy.env",
  "/etc/updog.toml",
  "/root/.aws/config",
  "/root/.aws/credentials",
];

async function variantOf(name: string) {
  const variant = loadVariant(variantJson(await readVariantSources(variants, name), build));
  return { variant, model: buildModel(variant) };
}
const names = await variantNames(variants);
const used = new Set<string>();

for (const name of names) {
  const { variant, model } = await variantOf(name);

  describe(`variant ${name}`, () => {
    const ofServices = new Set([...model.services.values()].flatMap((service) => service.configurationFiles));
    const added = [...generated].filter(([key]) =>
      variant.groups.some((group) => key.startsWith(`settings.${group}.`)),
    );
    const settings = model.nest(new Map([...added, ...model.defaults]));

    for (const [file, { path, templatePath, format }] of model.configurationFiles) {
      const template = basename(templatePath);
      used.add(template);
      test(`${file}: ${path} belongs to a service and is rendered from the first boot's settings`, () => {
        expect(ofServices.has(file)).toBe(true);
        expect(templatePath).toBe(join("/usr/share/templates", template));
        const text = render(template, format, { ...settings }, { variant: name });
        expect(text).not.toMatch(/\{\{|\{%/);
        if (Object.hasOwn(readers, format)) readers[format as keyof typeof readers](text);
      });
    }
    test("the files that may hold a secret are for root alone", () => {
      const files = [...model.configurationFiles.values()];
      const secret = secretFiles.filter((path) => files.some((file) => file.path === path));
      const modes = files.filter(({ mode }) => mode !== undefined).map(({ path, mode }) => ({ path, mode }));
      expect(modes.toSorted((a, b) => (a.path < b.path ? -1 : 1))).toEqual(
        secret.map((path) => ({ path, mode: 0o600 })),
      );
    });
    test("the files of its services are all defined", () => {
      expect([...ofServices].filter((file) => !model.configurationFiles.has(file))).toEqual([]);
    });
    test("updates come from the public repository, unless from that of a region", () => {
      if (variant.platform === "aws") return;
      expect(model.defaults.get("settings.updates.targets-base-url" as never)).toBe(
        `${updateRepository("")}/targets/`,
      );
    });
  });
}

test("every template that a variant names is there", () => {
  expect([...used].filter((name) => !existsSync(join(templates, name)))).toEqual([]);
});
test("no template is left that no file uses", () => {
  expect(readdirSync(templates).filter((name) => !used.has(name))).toEqual([]);
});
