/** The user data with which a host takes its admin and control containers from the lab's registry. */
import type { BuiltContainerImage } from "../containers/index.ts";
import type { Registry } from "./registry.ts";

/**
 * Settings as TOML: where each image comes from, which containers run, and that the registry is asked over plain HTTP.
 *
 * A reference's host is asked by HTTPS unless a mirror says otherwise (specification "containers" 8.4), so the registry
 * is its own mirror, with a scheme.
 *
 * @param enabled  names of the containers that run; all when absent
 */
export function registrySettings(
  registry: Registry,
  images: readonly Pick<BuiltContainerImage, "name" | "repository" | "version">[],
  enabled?: readonly string[],
): string {
  const lines = [
    "[[settings.container-registry.mirrors]]",
    `registry = "${registry.nameForGuests}"`,
    `endpoint = ["http://${registry.nameForGuests}"]`,
  ];
  for (const { name, repository, version } of images) {
    lines.push(
      "",
      `[settings.host-containers.${name}]`,
      `source = "${registry.nameForGuests}/${repository}:${version}"`,
      `enabled = ${enabled?.includes(name) ?? true}`,
      // The admin container enters the host; the control container only uses its API (1.2).
      `superpowered = ${name === "admin"}`,
    );
  }
  return `${lines.join("\n")}\n`;
}
