/**
 * What the runtime is told about a container: the document of the OCI runtime specification.
 *
 * @source  specification "containers" 9
 */
import type { ImageConfig } from "../images/manifest.ts";
import { type LimitedResources, limitedResources } from "../limits.ts";
import { type Mount, mountsOf } from "./mounts.ts";
import { type AskedContainer, controlGroupOf, type Profile, runtimeIdOf } from "./profile.ts";
import content from "./profiles.toml";
import { type Architecture, bootstrapSyscalls, type Seccomp, seccompFor } from "./seccomp.ts";
import type { User } from "./user.ts";

/** What profiles.toml says. */
interface Profiles {
  readonly capabilities: readonly string[];
  readonly "bootstrap-capabilities": readonly string[];
  readonly "masked-paths": readonly string[];
  readonly "read-only-paths": readonly string[];
  readonly devices: readonly string[];
  readonly labels: Readonly<Record<Profile | "mount", string>>;
}

const profiles: Profiles = content;

export interface ContainerSpec {
  readonly ociVersion: string;
  readonly process: {
    readonly user: User;
    readonly args: readonly string[];
    readonly env: readonly string[];
    readonly cwd: string;
    readonly capabilities: Readonly<Record<"bounding" | "effective" | "permitted", readonly string[]>>;
    readonly rlimits: readonly { readonly type: string; readonly hard: number; readonly soft: number }[];
    readonly noNewPrivileges: boolean;
    readonly selinuxLabel?: string;
  };
  readonly root: { readonly path: string };
  readonly mounts: readonly Mount[];
  readonly linux: {
    readonly namespaces: readonly { readonly type: string }[];
    readonly cgroupsPath: string;
    readonly resources: LimitedResources & { readonly devices: readonly Device[] };
    readonly maskedPaths: readonly string[];
    readonly readonlyPaths: readonly string[];
    readonly rootfsPropagation?: string;
    readonly mountLabel?: string;
    readonly seccomp?: Seccomp;
  };
}

interface Device {
  readonly allow: boolean;
  readonly access: string;
  readonly type?: string;
  readonly major?: number;
  readonly minor?: number;
}

/** A container that is to be. */
export interface Wanted extends AskedContainer {
  /** The namespace in containerd. */
  readonly namespace: string;
  readonly image: ImageConfig;
  readonly user: User;
}

/** What the host has. */
export interface HostFacts {
  readonly architecture: Architecture;
  /** Those of `optionalSources` that are there. */
  readonly existing: ReadonlySet<string>;
  /** The capabilities of this process. */
  readonly capabilities: readonly string[];
  /** SELinux is on: the runtime refuses labels where it is not. */
  readonly hasSelinux: boolean;
  /** Of this process. */
  readonly proxy: { readonly https: string | undefined; readonly none: string | undefined };
}

/** @throws Error if the image does not say what to run */
export function containerSpec(wanted: Wanted, facts: HostFacts): ContainerSpec {
  const { profile, image, user } = wanted;
  const isSuperpowered = profile === "superpowered";
  const isNormal = profile === "normal";
  const args = [...image.entrypoint, ...image.command];
  if (args.length === 0) throw new Error("the image has neither an entry point nor a command");
  const capabilities = capabilitiesOf(profile, facts);
  return {
    ociVersion: "1.0.2",
    process: {
      user,
      args,
      env: environmentOf(image.environment, facts.proxy),
      cwd: image.workingDirectory === "" ? "/" : image.workingDirectory,
      capabilities: { bounding: capabilities, effective: capabilities, permitted: capabilities },
      rlimits: [{ type: "RLIMIT_NOFILE", hard: 1024, soft: 1024 }],
      noNewPrivileges: !isSuperpowered,
      ...(facts.hasSelinux ? { selinuxLabel: profiles.labels[profile] } : {}),
    },
    root: { path: "rootfs" },
    mounts: mountsOf(profile, wanted, facts.existing),
    linux: {
      namespaces: [...(isSuperpowered ? [] : ["pid"]), "ipc", "uts", "mount"].map((type) => ({ type })),
      cgroupsPath: controlGroupOf(wanted.namespace, runtimeIdOf(wanted)),
      resources: {
        devices: isNormal ? normalDevices : [{ allow: true, access: "rwm" }],
        ...limitedResources(wanted.limits),
      },
      maskedPaths: isSuperpowered ? [] : profiles["masked-paths"],
      readonlyPaths: isSuperpowered ? [] : profiles["read-only-paths"],
      ...(isNormal ? {} : { rootfsPropagation: "rshared" }),
      ...(facts.hasSelinux ? { mountLabel: profiles.labels.mount } : {}),
      ...(isSuperpowered
        ? {}
        : { seccomp: seccompFor(facts.architecture, capabilities, isNormal ? [] : bootstrapSyscalls) }),
    },
  };
}

function capabilitiesOf(profile: Profile, facts: HostFacts): readonly string[] {
  switch (profile) {
    case "normal":
      return profiles.capabilities;
    case "bootstrap":
      return [...profiles.capabilities, ...profiles["bootstrap-capabilities"]];
    case "superpowered":
      return facts.capabilities;
  }
}

const normalDevices: readonly Device[] = [
  { allow: false, access: "rwm" },
  ...profiles.devices.map((text): Device => {
    const [major = "", minor = ""] = text.split(":");
    const device = { allow: true, access: "rwm", type: "c", major: Number(major) };
    return minor === "*" ? device : { ...device, minor: Number(minor) };
  }),
];

const defaultPath = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/** The image's own, with this host's proxy in both spellings instead of what the image says of one. */
function environmentOf(image: readonly string[], { https, none }: HostFacts["proxy"]): readonly string[] {
  const own = new Map<string, string>();
  for (const entry of image.length === 0 ? [defaultPath] : image)
    own.set(entry.split("=", 1)[0] ?? "", entry);
  const set = (name: string, value: string) => own.set(name, `${name}=${value}`);
  if (https !== undefined) for (const name of ["HTTPS_PROXY", "https_proxy"]) set(name, https);
  if (none !== undefined) for (const name of ["NO_PROXY", "no_proxy"]) set(name, none);
  return [...own.values()];
}
