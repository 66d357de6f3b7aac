/** Tables of the specification that a running host is compared with. */

interface ExpectedMount {
  readonly target: string;
  readonly type: string;
  readonly options: readonly string[];
  readonly without?: readonly string[];
  readonly propagation?: "private" | "shared";
}

const TMPFS = ["rw", "nosuid", "nodev", "noexec"];
const TMPFS_STRICT = [...TMPFS];

/** Specification "os-image" 2.2, without what belongs to later work (CNI plug-ins, kernel sources). */
export const mounts: readonly ExpectedMount[] = [
  { target: "/", type: "erofs", options: ["ro"] },
  { target: "/etc", type: "tmpfs", options: [...TMPFS, "noatime", "mode=755"] },
  { target: "/run", type: "tmpfs", options: [...TMPFS_STRICT, "mode=755"], without: ["noatime", "relatime"] },
  { target: "/dev/shm", type: "tmpfs", options: TMPFS_STRICT, without: ["noatime", "relatime"] },
  { target: "/tmp", type: "tmpfs", options: TMPFS_STRICT, without: ["noatime", "relatime"] },
  {
    target: "/local",
    type: "ext4",
    options: ["rw", "nosuid", "nodev", "noatime"],
    without: ["noexec"],
    propagation: "private",
  },
  { target: "/var", type: "ext4", options: ["rw", "nosuid", "nodev", "noatime"], propagation: "shared" },
  { target: "/opt", type: "ext4", options: ["rw", "nosuid", "nodev", "noatime"], propagation: "shared" },
  { target: "/mnt", type: "ext4", options: ["rw", "nosuid", "nodev", "noatime"], propagation: "shared" },
  {
    target: "/local/var",
    type: "erofs",
    options: ["ro", "nosuid", "nodev", "noexec"],
    propagation: "private",
  },
  {
    target: "/local/opt",
    type: "erofs",
    options: ["ro", "nosuid", "nodev", "noexec"],
    propagation: "private",
  },
  {
    target: "/local/mnt",
    type: "erofs",
    options: ["ro", "nosuid", "nodev", "noexec"],
    propagation: "private",
  },
  {
    target: "/var/lib/bottlerocket",
    type: "ext4",
    options: ["rw", "nosuid", "nodev", "noexec", "noatime"],
    propagation: "private",
  },
  {
    target: "/boot",
    type: "vfat",
    options: ["ro", "nosuid", "nodev", "noexec", "noatime", "fmask=0077", "dmask=0077"],
    propagation: "private",
  },
  { target: "/etc/cni", type: "tmpfs", options: [...TMPFS, "noatime", "mode=755"] },
  { target: "/root/.aws", type: "tmpfs", options: [...TMPFS, "noatime", "mode=700"] },
  { target: "/etc/host-containers", type: "tmpfs", options: [...TMPFS, "noatime", "mode=750"] },
  { target: "/etc/containerd", type: "tmpfs", options: [...TMPFS, "noatime", "mode=750"] },
  { target: "/usr/lib/modules", type: "overlay", options: ["rw", "nosuid", "nodev", "noexec", "noatime"] },
];

/**
 * Specification "os-image" 2.3, without what belongs to later work (wicked, SELinux, host-containerd's configuration,
 * cgroups of version 1). Modes in octal. A file copied from the factory tree is here as well as a directory.
 */
export const etcAndState: readonly (readonly [path: string, mode: string])[] = [
  ["/etc/nsswitch.conf", "644"],
  ["/etc/issue", "644"],
  ["/etc/ld.so.conf", "644"],
  ["/etc/mke2fs.conf", "644"],
  ["/etc/pki/tls/certs/ca-bundle.crt", "644"],
  ["/etc/sysctl.d", "700"],
  ["/etc/ld.so.conf.d", "644"],
  ["/etc/ld.so.cache", "644"],
  ["/etc/cni/net.d", "755"],
  ["/etc/bootstrap-containers", "750"],
  ["/etc/host-containers", "750"],
  ["/run/cache", "755"],
  ["/run/lock", "755"],
  ["/run/bootstrap-containers", "755"],
  ["/run/cache/thar-be-updates", "755"],
  ["/run/cache/ldconfig", "700"],
  ["/run/cache/ldconfig/aux-cache", "600"],
  ["/var/log/kdump", "700"],
  ["/var/log/support", "755"],
  ["/local/host-containers", "700"],
  ["/local/bootstrap-containers", "700"],
  ["/var/lib/bottlerocket-migrations", "700"],
  ["/var/lib/netdog", "700"],
  ["/var/lib/chrony", "700"],
  ["/var/lib/systemd", "755"],
];

/** Links of specification "os-image" 2.3, by what they lead to in the end. */
export const links: readonly (readonly [path: string, end: string])[] = [
  ["/etc/ssl/certs", "/etc/pki/tls/certs"],
  ["/etc/ssl/certs/ca-certificates.crt", "/etc/pki/tls/certs/ca-bundle.crt"],
  ["/etc/os-release", "/usr/lib/os-release"],
  ["/var/lock", "/run/lock"],
  ["/var/run", "/run"],
];

/** Specification "os-image" section 4, as files below /proc/sys. The default TTL is not here: user data changes it. */
export const kernelValues: readonly (readonly [key: string, value: string])[] = [
  ["kernel/panic", "10"],
  ["kernel/panic_on_oops", "1"],
  ["kernel/kptr_restrict", "1"],
  ["kernel/dmesg_restrict", "1"],
  ["kernel/yama/ptrace_scope", "1"],
  ["kernel/unprivileged_bpf_disabled", "1"],
  ["kernel/kexec_load_disabled", "1"],
  ["user/max_user_namespaces", "0"],
  ["net/core/bpf_jit_harden", "2"],
  ["net/ipv4/neigh/default/gc_thresh1", "0"],
  ["net/ipv4/neigh/default/gc_thresh2", "15360"],
  ["net/ipv4/neigh/default/gc_thresh3", "16384"],
  ["net/ipv6/neigh/default/gc_thresh1", "0"],
  ["net/ipv6/neigh/default/gc_thresh2", "15360"],
  ["net/ipv6/neigh/default/gc_thresh3", "16384"],
  ["net/netfilter/nf_conntrack_max", "1048576"],
  ["net/netfilter/nf_conntrack_generic_timeout", "120"],
  ["net/ipv4/conf/lo/rp_filter", "2"],
  ["net/ipv4/conf/default/rp_filter", "2"],
  ["net/ipv4/tcp_wmem", "4096 20480 4194304"],
  ["net/ipv4/conf/all/forwarding", "1"],
  ["net/ipv6/conf/all/forwarding", "1"],
  ["net/ipv4/ip_local_port_range", "32768 60999"],
  ["fs/inotify/max_user_instances", "8192"],
  ["fs/inotify/max_user_watches", "524288"],
  ["vm/max_map_count", "524288"],
];
