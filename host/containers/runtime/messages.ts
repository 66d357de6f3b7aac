/**
 * The calls to containerd that are made here, with what is sent and what comes back. Their encoding is in
 * protocol.json, which is made from the protocol files of the packaged containerd; names and types here are its.
 *
 * A member that is left out of a request has the protocol's default: nothing, zero, false.
 */

export interface Timestamp {
  readonly seconds: number;
  readonly nanos: number;
}

/** A document of some type, encoded. The library spells this one name as the protocol does. */
export interface Packed {
  readonly type_url: string;
  readonly value: Uint8Array;
}

export interface ContentDescriptor {
  readonly mediaType: string;
  readonly digest: string;
  readonly size: number;
}

type Labels = Readonly<Record<string, string>>;

export interface RuntimeMount {
  readonly type: string;
  readonly source: string;
  readonly target: string;
  readonly options: readonly string[];
}

export interface RuntimeImage {
  readonly name: string;
  readonly target: ContentDescriptor;
  readonly labels?: Labels;
}

export interface RuntimeContainer {
  readonly id: string;
  readonly image: string;
  readonly runtime: { readonly name: string; readonly options: Packed };
  readonly spec: Packed;
  readonly snapshotter: string;
  readonly snapshotKey: string;
}

/** The states of tasks, by the protocol's numbers. */
export const taskStatus = { created: 1, running: 2, stopped: 3 } as const;

export interface TaskProcess {
  readonly id: string;
  readonly pid: number;
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
  readonly exitStatus: number;
}

type Nothing = Record<never, never>;

/** By the name of the method below `containerd.services.`. */
export interface Calls {
  "containers.v1.Containers/Get": [{ id: string }, { container: RuntimeContainer }];
  "containers.v1.Containers/Create": [{ container: RuntimeContainer }, { container: RuntimeContainer }];
  "containers.v1.Containers/Delete": [{ id: string }, Nothing];
  "images.v1.Images/Get": [{ name: string }, { image: RuntimeImage }];
  "images.v1.Images/Create": [{ image: RuntimeImage }, { image: RuntimeImage }];
  "images.v1.Images/Update": [{ image: RuntimeImage }, { image: RuntimeImage }];
  "content.v1.Content/Info": [{ digest: string }, { info: { digest: string; size: number } }];
  "content.v1.Content/Update": [
    { info: { digest: string; labels: Labels }; updateMask: { paths: readonly string[] } },
    Nothing,
  ];
  "content.v1.Content/Abort": [{ ref: string }, Nothing];
  "snapshots.v1.Snapshots/Stat": [{ snapshotter: string; key: string }, { info: { name: string } }];
  "snapshots.v1.Snapshots/Prepare": [
    { snapshotter: string; key: string; parent: string; labels?: Labels },
    { mounts: readonly RuntimeMount[] },
  ];
  "snapshots.v1.Snapshots/Mounts": [
    { snapshotter: string; key: string },
    { mounts: readonly RuntimeMount[] },
  ];
  "snapshots.v1.Snapshots/Commit": [
    { snapshotter: string; name: string; key: string; labels?: Labels },
    Nothing,
  ];
  "snapshots.v1.Snapshots/Remove": [{ snapshotter: string; key: string }, Nothing];
  "diff.v1.Diff/Apply": [
    { diff: ContentDescriptor; mounts: readonly RuntimeMount[] },
    { applied: ContentDescriptor },
  ];
  "leases.v1.Leases/Create": [{ id: string; labels: Labels }, Nothing];
  "leases.v1.Leases/Delete": [{ id: string; sync?: boolean }, Nothing];
  "tasks.v1.Tasks/Create": [
    {
      containerId: string;
      rootfs: readonly RuntimeMount[];
      stdin: string;
      stdout: string;
      stderr: string;
      terminal: boolean;
      options: Packed;
    },
    { pid: number },
  ];
  "tasks.v1.Tasks/Start": [{ containerId: string }, { pid: number }];
  "tasks.v1.Tasks/Get": [{ containerId: string }, { process: TaskProcess }];
  "tasks.v1.Tasks/Delete": [{ containerId: string }, { exitStatus: number }];
  "tasks.v1.Tasks/Kill": [{ containerId: string; signal: number; all: boolean }, Nothing];
  "tasks.v1.Tasks/Wait": [{ containerId: string }, { exitStatus: number; exitedAt: Timestamp | null }];
}

/** The two ends of `content.v1.Content/Read` and `Write`, which are streams. */
export interface ReadRequest {
  readonly digest: string;
  readonly offset: number;
  readonly size: number;
}
export interface ReadResponse {
  readonly offset: number;
  readonly data: Uint8Array;
}
export interface WriteRequest {
  readonly action: number;
  readonly ref: string;
  readonly total: number;
  readonly expected: string;
  readonly offset: number;
  readonly data?: Uint8Array;
  readonly labels?: Labels;
}
export interface WriteResponse {
  readonly offset: number;
  readonly digest: string;
}

/** The actions of a write, by the protocol's numbers. */
export const writeAction = { stat: 0, write: 1, commit: 2 } as const;
