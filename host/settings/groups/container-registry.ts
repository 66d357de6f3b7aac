import { mirrors, registryCredentials } from "../container-types.ts";
import { type BrokenRule, group, setting } from "../declaration.ts";

export const containerRegistry = group(
  {
    mirrors: setting(mirrors, {
      doc: 'Where images are fetched from instead of their registry, as a list or as a table from registry to endpoints. Registry "*" is every other one for containerd; Docker uses docker.io only.',
      example: [{ registry: "docker.io", endpoint: ["https://cache.example.com"] }],
      refusesNull: true,
    }),
    credentials: setting(registryCredentials, {
      doc: "How to log in to registries: with user name and password, with auth, or with an identity token.",
      example: [{ registry: "registry.example.com", username: "puller", password: "secret" }],
      affects: {
        ecs: ["ecs", "host-containers", "bootstrap-containers"],
        dev: ["host-containers", "bootstrap-containers"],
        base: ["host-containers", "bootstrap-containers"],
      },
    }),
  },
  {
    aliases: { creds: "credentials" },
    about: {
      doc: "Where container images come from.",
      affects: {
        k8s: ["containerd", "host-containers", "bootstrap-containers"],
        ecs: ["docker", "host-containers", "bootstrap-containers"],
        dev: ["docker", "host-containers", "bootstrap-containers"],
        base: ["host-containers", "bootstrap-containers"],
      },
    },
    rules: [
      // No file that names registries can be rendered without them.
      ({ mirrors = [], credentials = [] }) => [
        ...missingMembers("mirrors", mirrors, ["registry", "endpoint"]),
        ...missingMembers("credentials", credentials, ["registry"]),
      ],
    ],
  },
);

function missingMembers<Name extends string>(
  of: string,
  items: readonly { readonly [Member in Name]?: unknown }[],
  needed: readonly Name[],
): BrokenRule[] {
  return items.flatMap((item, index) =>
    needed
      .filter((name) => item[name] === undefined)
      .map((name) => ({
        at: [of],
        problem: `item ${index + 1} has no ${name}`,
        accepted: `items with ${needed.join(" and ")}`,
      })),
  );
}
