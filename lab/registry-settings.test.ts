/** The settings that a host of the lab gets, put before the model that hosts check theirs with. */
import { expect, it } from "bun:test";
import type { BuiltContainerImage } from "../containers/index.ts";
import { settingsTable } from "../host/settings/index.ts";
import { testModel } from "../host/settings/testing.ts";
import { parseTomlSource } from "../host/settings/toml-source.ts";
import { registrySettings } from "./registry-settings.ts";

const image = (name: string): BuiltContainerImage => ({
  name,
  repository: `pinwheel-${name}`,
  version: "1.11.1",
  digest: "sha256:00",
  layout: "",
  packages: [],
});

it("a host takes both containers from the lab's registry over plain HTTP, and its settings are valid", () => {
  const registry = { url: "http://127.0.0.1:40123", nameForGuests: "10.0.2.2:40123" };
  const document = parseTomlSource(registrySettings(registry, [image("admin"), image("control")]));
  if (!document.ok) throw new Error(JSON.stringify(document.problems));
  const table = settingsTable(document.node);
  if (!table.ok) throw new Error(JSON.stringify(table.problems));
  const model = testModel();
  const checked = model.checkSettings(table.node);
  if (!checked.ok) throw new Error(JSON.stringify(checked.problems));
  expect(model.nest(checked.leaves)).toEqual({
    "container-registry": {
      mirrors: [{ registry: "10.0.2.2:40123", endpoint: ["http://10.0.2.2:40123"] }],
    },
    "host-containers": {
      admin: { source: "10.0.2.2:40123/pinwheel-admin:1.11.1", enabled: true, superpowered: true },
      control: { source: "10.0.2.2:40123/pinwheel-control:1.11.1", enabled: true, superpowered: false },
    },
  });
});
