import type { Version } from "./version.ts";

/** The system that runs, as updates see it. */
export interface Running {
  readonly variant: string;
  readonly arch: string;
  readonly version: Version;
}
