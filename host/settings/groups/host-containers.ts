import { boolean } from "../basic-types.ts";
import { secret } from "../composed-types.ts";
import { identifier, imageReference } from "../container-types.ts";
import { group, map, setting } from "../declaration.ts";
import { base64 } from "../encoded-types.ts";
import { cpuLimit, memoryLimit, pidsLimit } from "../limit-types.ts";
import { missingSource } from "./container-source.ts";

const limits = group(
  {
    memory: setting(memoryLimit, {
      doc: "Memory that the container may use. What goes beyond it is killed; it does not swap.",
      example: "512Mi",
    }),
    cpu: setting(cpuLimit, {
      doc: "Time of processors that the container may use, in processors; what wants more waits.",
      example: "500m",
    }),
    pids: setting(pidsLimit, {
      doc: "Processes and threads that the container may have; it cannot start more.",
      example: 200,
    }),
  },
  { about: { doc: "What the container may use of the host at most. Unset: as much as there is." } },
);

const hostContainer = group(
  {
    source: setting(imageReference, {
      doc: "The image of the container.",
      example: "registry.example.com/admin:v1",
    }),
    enabled: setting(boolean, { doc: "True: the container runs.", example: true }),
    superpowered: setting(boolean, {
      doc: "True: the container has nearly all privileges on the host.",
      example: false,
    }),
    "user-data": setting(secret(base64), {
      doc: "What the container finds in its user-data file, in base64. Unset: there is no such file.",
      example: "aG9zdA==",
    }),
    limits,
  },
  { rules: [missingSource] },
);

export const hostContainers = map(identifier, hostContainer, {
  doc: "Containers that run on the host beside the orchestrator, in a containerd of their own, by name.",
  example: { admin: { source: "registry.example.com/admin:v1", enabled: true, superpowered: true } },
  affects: ["host-containers"],
});
