import { describe, expect, it } from "bun:test";
import type { ImageConfig } from "../images/manifest.ts";
import { effectiveCapabilities } from "./capabilities.ts";
import { containerSpec, type HostFacts, type Wanted } from "./container-spec.ts";
import { optionalSources } from "./mounts.ts";
import type { Profile } from "./profile.ts";
import { userOf } from "./user.ts";

const image: ImageConfig = {
  diffIds: [],
  entrypoint: ["/init"],
  command: ["--x"],
  environment: [],
  workingDirectory: "",
  user: "",
};
const root = { uid: 0, gid: 0, additionalGids: [0] };
const facts: HostFacts = {
  architecture: "x64",
  existing: new Set(optionalSources),
  capabilities: ["CAP_ALL_OF_THE_HOST"],
  hasSelinux: true,
  proxy: { https: undefined, none: undefined },
};

const unlimited = { memoryBytes: undefined, milliCpus: undefined, pids: undefined };
const normal: Wanted = {
  kind: "host",
  name: "a",
  profile: "normal",
  limits: unlimited,
  namespace: "default",
  image,
  user: root,
};

function specOf(profile: Profile, name = "a", changed: Partial<HostFacts> = {}) {
  const kind = profile === "bootstrap" ? "bootstrap" : "host";
  return containerSpec({ ...normal, kind, name, profile }, { ...facts, ...changed });
}
type Spec = ReturnType<typeof specOf>;

const namespaces = (spec: Spec) => spec.linux.namespaces.map(({ type }) => type);
const mount = (spec: Spec, destination: string) =>
  spec.mounts.findLast((each) => each.destination === destination);
const rule = (spec: Spec, name: string) =>
  spec.linux.seccomp?.syscalls
    .filter(({ names }) => names.includes(name))
    .map(({ action, errnoRet }) => [action, errnoRet]);
const allowed = [["SCMP_ACT_ALLOW", undefined]];

describe("containers Check 19: a normal container", () => {
  const spec = specOf("normal");
  it("has the network of the host, process ids of its own", () =>
    expect(namespaces(spec)).toEqual(["pid", "ipc", "uts", "mount"]));
  it("does not see the host's files", () => expect(mount(spec, "/.bottlerocket/rootfs")).toBeUndefined());
  it("has 14 capabilities, and can get no more", () => {
    expect(spec.process.capabilities.bounding).toHaveLength(14);
    expect(spec.process.noNewPrivileges).toBe(true);
  });
  it("sees /sys/firmware", () => {
    expect(spec.linux.maskedPaths).toContain("/proc/kcore");
    expect(spec.linux.maskedPaths).not.toContain("/sys/firmware");
  });
  it("is labelled control_t, and its files secret_t", () => {
    expect(spec.process.selinuxLabel).toBe("system_u:system_r:control_t:s0-s0:c0.c1023");
    expect(spec.linux.mountLabel).toBe("system_u:object_r:secret_t:s0");
  });
  it("clone3 answers ENOSYS, so that callers take clone, whose flags are looked at", () => {
    expect(rule(spec, "clone3")).toEqual([["SCMP_ACT_ERRNO", 38]]);
    expect(spec.linux.seccomp?.syscalls.find(({ names }) => names.includes("clone"))?.args).toEqual([
      { index: 0, value: 0x7e020000, valueTwo: 0, op: "SCMP_CMP_MASKED_EQ" },
    ]);
    expect(rule(spec, "mount")).toEqual([]);
  });
  it("has ten kinds of devices, and is denied the others", () => {
    const [denied, ...devices] = spec.linux.resources.devices;
    expect([denied, devices.length, devices[8]]).toEqual([
      { allow: false, access: "rwm" },
      10,
      { allow: true, access: "rwm", type: "c", major: 136 },
    ]);
  });
  it("has its control group below the namespace", () => expect(spec.linux.cgroupsPath).toBe("/default/a"));
});

describe("containers Check 20: a superpowered container", () => {
  const spec = specOf("superpowered");
  it("has the network and the process ids of the host", () =>
    expect(namespaces(spec)).toEqual(["ipc", "uts", "mount"]));
  it("is not confined", () => {
    const { seccomp, maskedPaths, readonlyPaths } = spec.linux;
    expect([seccomp, maskedPaths, readonlyPaths]).toEqual([undefined, [], []]);
    expect(spec.process.noNewPrivileges).toBe(false);
    expect(spec.process.capabilities.effective).toEqual(facts.capabilities);
    expect(spec.process.selinuxLabel).toBe("system_u:system_r:super_t:s0-s0:c0.c1023");
  });
  it("has the host's files read-only, /mnt as it is for both, and can write to /sys", () => {
    expect(mount(spec, "/.bottlerocket/rootfs")?.options).toEqual(["rbind", "ro", "rprivate"]);
    expect(mount(spec, "/.bottlerocket/rootfs/mnt")?.options).toEqual(["rbind", "rshared"]);
    expect(mount(spec, "/sys")?.options).toContain("rw");
    expect(mount(spec, "/sys/fs/cgroup")?.options).toContain("rw");
    expect(spec.linux.rootfsPropagation).toBe("rshared");
  });
  it("has no storage of the orchestrator", () =>
    expect(mount(spec, "/.bottlerocket/rootfs/var/lib/containerd")).toBeUndefined());
});

describe("containers Check 21: a bootstrap container", () => {
  const spec = specOf("bootstrap");
  it("has 16 capabilities and process ids of its own", () => {
    expect(spec.process.capabilities.bounding).toHaveLength(16);
    expect(namespaces(spec)).toEqual(["pid", "ipc", "uts", "mount"]);
  });
  it("has all devices", () => expect(spec.linux.resources.devices).toEqual([{ allow: true, access: "rwm" }]));
  it("can mount, make namespaces, and swap", () => {
    for (const name of ["mount", "clone", "clone3", "swapon", "swapoff"])
      expect(rule(spec, name)).toEqual(allowed);
  });
  it("sees of the storage of orchestrators what there is", () => {
    const storage = (each: Spec) =>
      each.mounts.map(({ source }) => source).filter((path) => path.startsWith("/var/lib/"));
    expect(storage(spec)).toEqual(["/var/lib/containerd", "/var/lib/docker", "/var/lib/kubelet"]);
    expect(storage(specOf("bootstrap", "a", { existing: new Set(["/var/lib/docker"]) }))).toEqual([
      "/var/lib/docker",
    ]);
  });
  it("is masked as a normal one", () =>
    expect(spec.linux.maskedPaths).toEqual(specOf("normal").linux.maskedPaths));
  it("has its storage under its name without the prefix, and its control group with it", () => {
    expect(mount(spec, "/.bottlerocket/bootstrap-containers/a")?.source).toBe(
      "/local/bootstrap-containers/a",
    );
    expect(spec.linux.cgroupsPath).toBe("/default/boot.a");
  });
});

it("containers Check 22: a container named `current` has one mount there", () => {
  const at = "/.bottlerocket/host-containers/current";
  const count = (name: string) =>
    specOf("normal", name).mounts.filter(({ destination }) => destination === at).length;
  expect([count("current"), count("a")]).toEqual([1, 1]);
});

describe("containers 9.3: mounts", () => {
  it("say how they propagate, except for those of the kernel and two files of /etc", () => {
    const without = specOf("superpowered").mounts.filter(
      ({ options }) => !options.some((option) => /shared$|private$|slave$/.test(option)),
    );
    expect(without.map(({ destination }) => destination)).toEqual([
      ...[
        "/proc",
        "/dev",
        "/dev/pts",
        "/dev/shm",
        "/dev/mqueue",
        "/sys",
        "/run",
        "/etc/hosts",
        "/etc/resolv.conf",
      ],
    ]);
  });
  it("show the directory of the API's socket, and not the socket of a server that may be gone", () => {
    const sources = specOf("normal").mounts.map(({ source }) => source);
    expect(sources).toContain("/run/api");
    expect(sources).not.toContain("/run/api.sock");
  });
});

describe("containers 9.1: the environment", () => {
  const environment = (own: readonly string[], proxy: HostFacts["proxy"]) =>
    containerSpec({ ...normal, image: { ...image, environment: own } }, { ...facts, proxy }).process.env;
  it("is a path where the image has none", () =>
    expect(environment([], facts.proxy)).toEqual([
      "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
    ]));
  it("has the host's proxy in place of the image's", () =>
    expect(environment(["A=1=2", "no_proxy=x"], { https: "http://p", none: "n" })).toEqual([
      ...["A=1=2", "no_proxy=n", "HTTPS_PROXY=http://p", "https_proxy=http://p", "NO_PROXY=n"],
    ]));
});

it("without SELinux nothing is labelled, as the runtime would refuse that", () => {
  const { process, linux } = specOf("superpowered", "a", { hasSelinux: false });
  expect([process.selinuxLabel, linux.mountLabel]).toEqual([undefined, undefined]);
});

it("limits are resources of the container beside its devices; without any there are only those", () => {
  for (const profile of ["normal", "superpowered"] as const) {
    const limits = { memoryBytes: 67_108_864, milliCpus: 500, pids: 100 };
    const { devices } = specOf(profile).linux.resources;
    expect(specOf(profile).linux.resources).toEqual({ devices });
    expect(containerSpec({ ...normal, profile, limits }, facts).linux.resources).toEqual({
      devices,
      memory: { limit: 67_108_864, swap: 67_108_864 },
      cpu: { quota: 50_000, period: 100_000 },
      pids: { limit: 100 },
    });
  }
});

it("an image that does not say what to run is refused", () => {
  const empty = { ...image, entrypoint: [], command: [] };
  expect(() => containerSpec({ ...normal, image: empty }, facts)).toThrow(
    "the image has neither an entry point nor a command",
  );
});

it("capabilities are read by their bits", () => {
  expect(effectiveCapabilities("CapEff:\t0000000000200001\n")).toEqual(["CAP_CHOWN", "CAP_SYS_ADMIN"]);
  expect(effectiveCapabilities("CapEff:\t000001ffffffffff\n")).toHaveLength(41);
});

describe("containers 9.1: the user of an image", () => {
  const files = {
    passwd: "root:x:0:0::/:\nw:x:11:12::/:\n",
    group: "root:x:0:\nw:x:12:\nmore:x:13:b,w\nbin:x:14:root\n",
  };
  const table: [text: string, uid: number, gid: number, additionalGids: readonly number[]][] = [
    ["", 0, 0, [0, 14]],
    ["w", 11, 12, [12, 13]],
    ["11", 11, 12, [12, 13]],
    ["w:more", 11, 13, [13]],
    ["99", 99, 0, [0]],
    ["99:7", 99, 7, [7]],
  ];
  for (const [text, uid, gid, additionalGids] of table) {
    it(`${JSON.stringify(text)}`, () => expect(userOf(text, files)).toEqual({ uid, gid, additionalGids }));
  }
  it("that the image does not know is refused", () => {
    expect(() => userOf("x", files)).toThrow(
      'the image names the user "x", whom its /etc/passwd does not have',
    );
    expect(() => userOf("w:x", files)).toThrow(
      'the image names the group "x", which its /etc/group does not have',
    );
  });
});
