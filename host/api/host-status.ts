/** GET /status and GET /doctor: what is told of the host as it runs. The words of the API; host/status/ fills them. */

/** Something wrong, or to be known, and what to do about it. */
export interface Finding {
  /** `problem`: the host is not as it should be. `advice`: it is, and somebody should know this nevertheless. */
  readonly kind: "problem" | "advice";
  /** What it is about: a unit, a disk, `clock`. */
  readonly about: string;
  /** One line. */
  readonly text: string;
  /** One line. */
  readonly hint: string;
}

/** A unit of systemd. */
export interface UnitStatus {
  readonly name: string;
  readonly description: string;
  /** Such as active, inactive, failed; not-found if there is no such unit. */
  readonly state: string;
  /** Such as running, exited, dead, auto-restart. */
  readonly "sub-state": string;
  /** Why it failed last, `success` if it did not. */
  readonly result: string;
  /** How its last process ended; null while none has. */
  readonly "last-exit": { readonly code: number } | { readonly signal: string } | null;
  readonly restarts: number;
  /** RFC 3339, UTC: since when it is in this state; null if it has always been. */
  readonly since: string | null;
  /** One line; null if all is well. */
  readonly problem: string | null;
}

export interface ContainerStatus {
  readonly name: string;
  readonly kind: "host" | "bootstrap";
  /** `enabled` or `disabled` of a host container, the mode of a bootstrap container. */
  readonly wanted: string;
  /** Of the settings. */
  readonly source: string;
  /** The image that runs, or ran last since the host started; null if none has. */
  readonly image: { readonly source: string; readonly digest: string } | null;
  /** The image that is being pulled before the container runs; null if none is. */
  readonly pulling: {
    readonly source: string;
    readonly "received-bytes": number;
    /** null before the registry has said what the image is made of. */
    readonly "total-bytes": number | null;
    /** Why the last attempt failed, in one line; it is tried again by itself. null while none has failed. */
    readonly "failed-attempt": string | null;
  } | null;
  readonly unit: UnitStatus;
}

export interface HostStatus {
  /** Whether there is no problem. */
  readonly healthy: boolean;
  /** Problems first. */
  readonly findings: readonly Finding[];
  /** The units of the image, and any other that has failed. */
  readonly units: readonly UnitStatus[];
  readonly containers: readonly ContainerStatus[];
  readonly boot: {
    readonly outcome: "done" | "failed" | "not-configured";
    readonly "failed-steps": readonly string[];
  };
  readonly "last-apply": {
    readonly id: string;
    readonly state: string;
    readonly "committed-at": string;
  } | null;
  /** null where the root file system is of no set. */
  readonly sets: {
    readonly active: string;
    readonly "marked-good": boolean;
    readonly next: string | null;
  } | null;
  readonly disks: readonly {
    readonly path: string;
    readonly device: string;
    readonly "size-bytes": number;
    readonly "free-bytes": number;
  }[];
  readonly memory: { readonly "total-bytes": number; readonly "available-bytes": number };
  /** null if nobody can tell. */
  readonly "clock-synchronised": boolean | null;
}

/** What was looked at besides, which takes longer. */
export interface Diagnosis extends HostStatus {
  /** The parts of starting this host, in order; those that are not known are left out. */
  readonly timeline: readonly { readonly step: string; readonly "duration-ms": number }[];
  readonly registries: readonly {
    readonly url: string;
    readonly reached: boolean;
    readonly "duration-ms": number;
    /** What was answered, or why nothing was. */
    readonly detail: string;
  }[];
}
