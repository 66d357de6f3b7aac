import { boolean, signed32 } from "../basic-types.ts";
import { group, setting } from "../declaration.ts";

export const containerRuntime = group(
  {
    "max-container-log-line-size": setting(signed32, {
      doc: "How many bytes of a log line stay together; -1 is no limit, 0 is as unset.",
      example: -1,
    }),
    "max-concurrent-downloads": setting(signed32, {
      doc: "How many layers of an image are fetched at once; 0 is as unset.",
      example: 5,
    }),
    "enable-unprivileged-ports": setting(boolean, {
      doc: "True: containers may listen on ports below 1024 without a capability for it.",
      example: true,
    }),
    "enable-unprivileged-icmp": setting(boolean, {
      doc: "True: containers may ping without a capability for it.",
      example: true,
    }),
  },
  { about: { doc: "The container runtime of pods.", affects: ["containerd"] } },
);
