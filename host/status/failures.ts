/** Why nothing can be said of the host at all. */
import { failuresOf } from "../linux/failure.ts";

export const fail = failuresOf<{
  "status/no-units": { file: string };
  "status/no-systemd": { command: string; how: string };
}>({
  "status/no-units": {
    says: ({ file }) => `${file}, which names the units of this image, is missing or cannot be understood`,
    hint: "It comes with the image: use one that was built by this version",
  },
  "status/no-systemd": {
    says: ({ command, how }) => `systemd cannot be asked for its units: ${command} ${how}`,
    hint: "It may be busy, ask again; if that does not help, look at the console of the host",
  },
});
