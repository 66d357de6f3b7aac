/** What every variant ships: its services, files and templates fit together. */
import { describe, expect, test } from "bun:test";
import { existsSync, readdirSync } from "node:fs";
import { basename, join } from "node:path";
import { buildModel, loadVariant } from "../settings/index.ts";
import { readVariantSources, variantJson, variantNames } from "../settings/variant-sources.ts";
import { allRestarts } from "./plan.ts";
import { updateRepository } from "./regions.ts";
import { readers, render, templates } from "./testing-templates.ts";

const variants = join(import.meta.dir, "../../variants");
const build = { arch: "x86_64", version: "1.11.1", buildId: "0123abcd" } as const;
/** What may be generated on a host: an example each. */
const generated: readonly [key: string, value: string | number | boolean][] = [
  ["settings.updates.seed", 812],
  ["settings.updates.metadata-base-url", "https://updates.pinwheel.example/m/"],
  ["settings.updates.targets-base-url", "https://updates.pinwheel.example/t/"],
  ["settings.network.hostname", "n1"],
  ["settings.metrics.send-metrics", true],
  ["settings.kubernetes.node-ip", "192.0.2.9"],
  ["settings.kubernetes.pod-infra-container-image", "registry.example.com/pause:3.1"],
];
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
const usedTemplates = new Set<string>();

for (const name of await variantNames(variants)) {
  const variant = loadVariant(variantJson(await readVariantSources(variants, name), build));
  const model = buildModel(variant);

  describe(`variant ${name}`, () => {
    const used = new Set([...model.services.values()].flatMap((service) => service.configurationFiles));
    const added = generated.filter(([key]) => model.settingGenerators.has(key));
    const settings = model.nest(new Map([...model.defaults, ...added]));

    for (const [file, { path, templatePath, format }] of model.configurationFiles) {
      const template = basename(templatePath);
      usedTemplates.add(template);
      test(`${file}: ${path} belongs to a service and is rendered from the first boot's settings`, () => {
        expect(used.has(file)).toBe(true);
        expect(templatePath).toBe(join("/usr/share/templates", template));
        const text = render(template, format, settings, { variant: name });
        expect(text).not.toMatch(/\{\{|\{%/);
        if (format in readers) readers[format as keyof typeof readers](text);
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
      expect([...used].filter((file) => !model.configurationFiles.has(file))).toEqual([]);
    });
    test("containers are set up when everything else is as it should be", () => {
      const services = [...model.services].map(([service, definition]) => ({ name: service, ...definition }));
      const order = allRestarts(services).map((restart) => restart.service.name);
      expect(order.slice(-2)).toEqual(["bootstrap-containers", "host-containers"]);
    });
    test("updates come from the repository of its region, and outside of AWS from the public one", () => {
      const targets = [...model.defaults].find(([key]) => key === "settings.updates.targets-base-url")?.[1];
      expect(targets).toBe(variant.platform === "aws" ? undefined : `${updateRepository("")}/targets/`);
    });
  });
}

test("every template that a file names is there, and no other", () => {
  expect([...usedTemplates].filter((name) => !existsSync(join(templates, name)))).toEqual([]);
  expect(readdirSync(templates).filter((name) => !usedTemplates.has(name))).toEqual([]);
});
