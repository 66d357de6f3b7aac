/** Containers that the host itself starts: what the settings say of them, in files and units. */

export { bootstrapModes, parseBootstrapMode } from "./bootstrap-containers.ts";
export { containerName } from "./declared.ts";
export { markBootstrap } from "./mark-bootstrap.ts";
export { containersHost } from "./set-up.ts";
export { setUpBootstrapContainers } from "./set-up-bootstrap.ts";
export { setUpHostContainers } from "./set-up-host.ts";
