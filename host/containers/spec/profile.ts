/** The three profiles of containers that the host itself starts (specification "containers" 9). */
import type { Kind } from "../failures.ts";
import type { Limits } from "../limits.ts";

export type Profile = "normal" | "superpowered" | "bootstrap";

/** Which container it is. The name is that of the settings. */
export interface ContainerName {
  readonly kind: Kind;
  readonly name: string;
}

/** A container as it is asked for. */
export interface AskedContainer extends ContainerName {
  readonly profile: Profile;
  readonly limits: Limits;
}

/** The control group of a container (specification "containers" 9). @param namespace  in containerd */
export function controlGroupOf(namespace: string, id: string): string {
  return `/${namespace}/${id}`;
}

/** The container in the runtime. Host containers are there under their names, which have no dots. */
export function runtimeIdOf({ kind, name }: ContainerName): string {
  return kind === "bootstrap" ? `boot.${name}` : name;
}
