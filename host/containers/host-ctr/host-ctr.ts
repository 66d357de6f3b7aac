/** What the work of host-ctr needs of the host. */
import type { Log } from "../../linux/log.ts";
import type { RegistryConfig } from "../images/registry-config.ts";
import type { Containerd } from "../runtime/containerd.ts";

export interface HostCtr {
  readonly containerd: Containerd;
  readonly log: Log;
  readonly config: RegistryConfig;
  /** PEM text of the authorities that registries are trusted by; `undefined` for those of the runtime. */
  readonly authorities: string | undefined;
  /** This process was asked to stop. */
  readonly stop: AbortSignal;
  /** Where runc keeps its state. */
  readonly runcRoot: string;
  /** Where the pipes are that containers write into. */
  readonly pipeDirectory: string;
}
