/** What can stop the writing of an image. After each of them the inactive set can be neither activated nor started. */
import { failuresOf } from "../../linux/failure.ts";

/** Which image, by its part of the set and its target; and onto what it is written. */
export interface ImageFacts {
  readonly image: string;
  readonly target: string;
  readonly device: string;
}

interface InstallFailures {
  "install/no-target": { image: string; target: string };
  "install/no-partition": { image: string; device: string; reason: string };
  "install/not-fetched": ImageFacts & { reason: string };
  "install/no-decompressor": ImageFacts & { reason: string };
  "install/bad-image": ImageFacts & { reason: string };
  "install/too-large": ImageFacts & { holds: number; needs: number | bigint; exact: boolean };
  "install/not-written": ImageFacts & { at: number; reason: string };
  "install/not-kept": ImageFacts & { at: number; bytes: number; reason: string };
}

const CLEARED = "The inactive set stays cleared and this host starts what it runs now.";

export const fail = failuresOf<InstallFailures>({
  "install/no-target": {
    says: (f) => `The ${f.image} image ${f.target} is not among the targets of the update repository`,
    hint: "Whoever publishes there has to add it and sign anew; nothing was changed",
  },
  "install/no-partition": {
    says: (f) => `The ${f.image} image cannot be written to ${f.device}: ${f.reason}`,
    hint: "See the sets with `signpost status`; nothing was changed",
  },
  "install/not-fetched": {
    says: (f) => `${writing(f)} stopped, because it could not be fetched: ${f.reason}`,
    hint: `${CLEARED} Try again; if it stays so, tell whoever publishes the repository`,
  },
  "install/no-decompressor": {
    says: (f) => `${writing(f)} stopped, because there is nothing to decompress it with: ${f.reason}`,
    hint: `${CLEARED} If this host was short of memory, try again; a host has lz4 and setpriv otherwise`,
  },
  "install/bad-image": {
    says: (f) => `${writing(f)} stopped, because it cannot be decompressed: ${f.reason}`,
    hint: `${CLEARED} Whoever publishes the repository has to publish this version anew`,
  },
  "install/too-large": {
    says: (f) =>
      `${writing(f)} stopped, because it is too large: ${f.device} holds ${f.holds} bytes, ` +
      `the image has ${f.exact ? "" : "at least "}${f.needs}`,
    hint: `${CLEARED} Partitions never grow: this host needs a version that was built for their sizes`,
  },
  "install/not-written": {
    says: (f) => `${writing(f)} failed at byte ${f.at}: ${f.reason}`,
    hint: `${CLEARED} The disk may be failing: look for its errors in the kernel's log`,
  },
  "install/not-kept": {
    says: (f) =>
      `${writing(f)} failed: ${f.bytes} bytes at byte ${f.at} are not on the disk as they were written (${f.reason})`,
    hint: `${CLEARED} The disk may be failing: look for its errors in the kernel's log`,
  },
});

const writing = (f: ImageFacts) => `Writing the ${f.image} image ${f.target} to ${f.device}`;
