/** The settings with which a host takes its updates from a repository that this machine serves. */
import { hostFromGuest } from "./qemu.ts";
import type { Table } from "./user-data.ts";

/**
 * What stands below `settings`. Waves are ignored: who starts a machine to update it does not want to wait for its turn.
 *
 * @param port  of this machine's loopback address, where the repository is (update-server.ts)
 */
export function updateSettings(port: number, variant: string): Table {
  const base = `http://${hostFromGuest}:${port}`;
  return {
    updates: {
      "metadata-base-url": `${base}/${variant}/x86_64/`,
      "targets-base-url": `${base}/targets/`,
      "ignore-waves": true,
    },
  };
}

/** The same as a command for a host that is there already. */
export function updateCommand(port: number, variant: string): string {
  const words = Object.entries(updateSettings(port, variant)).flatMap(([group, values]) =>
    Object.entries(values as Table).map(([name, value]) => `${group}.${name}=${value}`),
  );
  return ["apiclient set", ...words].join(" ");
}
