/** Where programs keep what ends with this boot. */
import { dirname, join } from "node:path";

/** The directory beside the API's socket, so /run/pinwheel on a host. */
export function runtimeDirectory(socketPath: string): string {
  return join(dirname(socketPath), "pinwheel");
}
