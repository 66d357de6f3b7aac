/** The files of containerd, host containers, Docker and ECS (specification "rendered-config" 6.12, 8 and 9). */
import { describe, expect, test } from "bun:test";
import { readers, render } from "./testing-templates.ts";

const disabled = [
  "internal.v1.opt",
  ...["aufs", "devmapper", "native", "zfs"].map((name) => `snapshotter.v1.${name}`),
];
const withRegistries = (mirrors: unknown, credentials: unknown) => ({
  "container-registry": { mirrors, credentials },
});

describe("containerd", () => {
  const kubernetes = { "pod-infra-container-image": "registry.example.com/pause:3" };
  const base = {
    version: 2,
    root: "/var/lib/containerd",
    state: "/run/containerd",
    disabled_plugins: disabled.map((name) => `io.containerd.${name}`),
  };
  /** The file of a Kubernetes variant: its part about pods is `pods`. */
  const whole = (address: string, runtime: { name: string; binary: string }, pods: object) => ({
    ...base,
    grpc: { address },
    plugins: {
      "io.containerd.grpc.v1.cri": {
        enable_selinux: true,
        sandbox_image: "registry.example.com/pause:3",
        containerd: {
          default_runtime_name: runtime.name,
          runtimes: {
            [runtime.name]: {
              runtime_type: "io.containerd.runc.v2",
              options: { SystemdCgroup: true, BinaryName: runtime.binary },
            },
          },
        },
        cni: { bin_dir: "/opt/cni/bin", conf_dir: "/etc/cni/net.d" },
        ...pods,
      },
    },
  });
  const shimpei = { name: "shimpei", binary: "shimpei" };
  const nvidia = { name: "nvidia", binary: "nvidia-oci" };
  const old = "/run/dockershim.sock";
  const own = "/run/containerd/containerd.sock";

  test("without Kubernetes has no settings", () => {
    expect(readers.toml(render("containerd-config-toml_basic", "toml", {}))).toEqual({
      ...base,
      disabled_plugins: [...base.disabled_plugins, "io.containerd.grpc.v1.cri"],
      grpc: { address: own },
    });
  });

  const variants: [variant: string, template: string, address: string, runtime: typeof shimpei][] = [
    ["aws-k8s-1.21", "containerd-config-toml_k8s", old, shimpei],
    ["metal-k8s-1.22", "containerd-config-toml_k8s", old, shimpei],
    ["vmware-k8s-1.23", "containerd-config-toml_k8s_containerd_sock", own, shimpei],
    ["aws-k8s-1.24", "containerd-config-toml_k8s_containerd_sock", own, shimpei],
    ["aws-k8s-1.22-nvidia", "containerd-config-toml_k8s_nvidia", old, nvidia],
    ["aws-k8s-1.24-nvidia", "containerd-config-toml_k8s_nvidia_containerd_sock", own, nvidia],
  ];
  for (const [variant, template, address, runtime] of variants) {
    test(`Check 32: of ${variant} listens at ${address} and runs ${runtime.binary}`, () => {
      const text = render(template, "toml", { kubernetes }, { variant });
      expect(readers.toml(text)).toEqual(whole(address, runtime, {}) as never);
    });
  }

  const pods = (settings: object): unknown =>
    readers.toml(
      render(
        "containerd-config-toml_k8s_containerd_sock",
        "toml",
        { kubernetes, ...settings },
        { variant: "aws-k8s-1.24" },
      ),
    );
  const runtime = (set: object) => pods({ "container-runtime": set });
  test("Check 31: has the settings of its runtime", () => {
    const all = {
      "max-container-log-line-size": -1,
      "max-concurrent-downloads": 5,
      "enable-unprivileged-ports": true,
      "enable-unprivileged-icmp": true,
    };
    expect(runtime(all)).toEqual(
      whole(own, shimpei, {
        max_container_log_line_size: -1,
        max_concurrent_downloads: 5,
        enable_unprivileged_ports: true,
        enable_unprivileged_icmp: true,
      }),
    );
  });
  test("Check 31: has none of them that is 0 or false", () => {
    const none = {
      "max-container-log-line-size": 0,
      "max-concurrent-downloads": 0,
      "enable-unprivileged-ports": false,
      "enable-unprivileged-icmp": false,
    };
    expect(runtime(none)).toEqual(whole(own, shimpei, {}));
  });
  test("Check 30: has mirrors and credentials, docker.io's under the name of its server", () => {
    const mirrors = [
      { registry: "*", endpoint: ["https://b.lan", "https://a.lan"] },
      { registry: "docker.io", endpoint: ["https://c.lan"] },
    ];
    const credentials = [
      { registry: "docker.io", username: "u", password: 'p"\\\n', auth: "", identitytoken: null },
      { registry: "r.lan:5000", auth: "YQ==", identitytoken: "t" },
    ];
    expect(pods(withRegistries(mirrors, credentials))).toEqual(
      whole(own, shimpei, {
        registry: {
          mirrors: {
            "*": { endpoint: ["https://b.lan", "https://a.lan"] },
            "docker.io": { endpoint: ["https://c.lan"] },
          },
          configs: {
            "registry-1.docker.io": { auth: { username: "u", password: 'p"\\\n' } },
            "r.lan:5000": { auth: { auth: "YQ==", identitytoken: "t" } },
          },
        },
      }),
    );
  });
  test("is an error without the image of pods", () => {
    expect(() => render("containerd-config-toml_k8s", "toml", {}, { variant: "aws-k8s-1.21" })).toThrow(
      "undefined variable: settings.kubernetes",
    );
  });
});

describe("host containers", () => {
  const file = (mirrors?: unknown, credentials?: unknown): unknown =>
    readers.toml(render("host-ctr-toml", "toml", withRegistries(mirrors, credentials)));

  test("without registry settings the file is empty", () => {
    expect(render("host-ctr-toml", "toml", {})).toBe("");
    expect(render("host-ctr-toml", "toml", withRegistries([], []))).toBe("");
  });
  test("Check 30: pull from mirrors in order, with credentials for the server of docker.io", () => {
    const mirrors = [{ registry: "*", endpoint: ["b", "a"] }];
    const credentials = [{ registry: "docker.io", username: "u", password: "p" }, { registry: "x" }];
    expect(file(mirrors, credentials)).toEqual({
      mirrors: { "*": { endpoints: ["b", "a"] } },
      creds: { "registry-1.docker.io": { username: "u", password: "p" }, x: {} },
    });
  });
  test("have one table for a registry that comes twice", () => {
    const mirrors = [
      { registry: "*", endpoint: ["a", "b"] },
      { registry: "r", endpoint: [] },
      { registry: "*", endpoint: ["b", "c"] },
    ];
    const credentials = [
      { registry: "docker.io", username: "first", password: "p" },
      { registry: "registry-1.docker.io", auth: "YQ==" },
    ];
    expect(file(mirrors, credentials)).toEqual({
      mirrors: { "*": { endpoints: ["a", "b", "c"] }, r: { endpoints: [] } },
      creds: { "registry-1.docker.io": { auth: "YQ==" } },
    });
  });
  test("cannot use an element without its registry or endpoint", () => {
    expect(() => file([{ registry: "a" }])).toThrow(
      "mirrors_by_registry: element 1 must have a list of endpoints, and has nothing",
    );
    expect(() => file([{ registry: "a", endpoint: [] }, { endpoint: ["a"] }])).toThrow(
      "mirrors_by_registry: element 2 has no registry",
    );
    expect(() => file([], [{ username: "a" }])).toThrow("credentials_by_registry: element 1 has no registry");
  });
});

describe("Docker", () => {
  const fixed = {
    "log-driver": "journald",
    "live-restore": true,
    "max-concurrent-downloads": 10,
    "storage-driver": "overlay2",
    "exec-opts": ["native.cgroupdriver=cgroupfs"],
    "data-root": "/var/lib/docker",
    "default-runtime": "shimpei",
    runtimes: { shimpei: { path: "shimpei" } },
    "selinux-enabled": true,
    "default-ulimits": { nofile: { Name: "nofile", Soft: 1024, Hard: 4096 } },
  };
  const daemon = (mirrors: unknown, variant = "aws-ecs-1"): unknown =>
    readers.json(
      render("docker-daemon-json", "json", withRegistries(mirrors, [{ registry: "a", password: "p" }]), {
        variant,
      }),
    );

  test("Check 34: with mirrors of other registries has none", () => {
    expect(daemon([{ registry: "*", endpoint: ["https://a.lan"] }])).toEqual(fixed);
    expect(daemon(undefined)).toEqual(fixed);
  });
  test("Check 34: has the mirrors of docker.io, those of two elements in one list, as URLs", () => {
    const mirrors = [
      { registry: "docker.io", endpoint: ["https://a.lan/?b=1", "b.lan:5000"] },
      { registry: "docker.io", endpoint: ["localhost:5000", "127.0.0.1", "[::1]/x", "localhost.lan"] },
    ];
    expect(daemon(mirrors)).toEqual({
      ...fixed,
      "registry-mirrors": [
        "https://a.lan/?b=1",
        "https://b.lan:5000",
        "http://localhost:5000",
        "http://127.0.0.1",
        "http://[::1]/x",
        "https://localhost.lan",
      ],
    });
  });
  test("Check 32: with NVIDIA has both runtimes, and uses shimpei where nothing is said", () => {
    const text = render("docker-daemon-nvidia-json", "json", {}, { variant: "aws-ecs-1-nvidia" });
    expect(readers.json(text)).toEqual({
      ...fixed,
      runtimes: { shimpei: { path: "shimpei" }, nvidia: { path: "nvidia-oci" } },
    });
  });
});

describe("the ECS agent", () => {
  const agent = (settings: object) =>
    readers.env(render("ecs.config", "env", { ecs: { loglevel: "info" }, ...settings }));
  const fixed = { ECS_LOGFILE: "/var/log/ecs/ecs-agent.log", ECS_LOGLEVEL: "info" };

  test("logs as is said", () => {
    expect(agent({})).toEqual(fixed);
    expect(agent({ "container-registry": { credentials: [] } })).toEqual(fixed);
    expect(() => agent({ ecs: {} })).toThrow("undefined variable: settings.ecs.loglevel");
  });
  test("has its two durations", () => {
    const ecs = { loglevel: "debug", "container-stop-timeout": "30s", "task-cleanup-wait": "1h30m" };
    expect(agent({ ecs })).toEqual({
      ...fixed,
      ECS_LOGLEVEL: "debug",
      ECS_CONTAINER_STOP_TIMEOUT: "30s",
      ECS_ENGINE_TASK_CLEANUP_WAIT_DURATION: "1h30m",
    });
  });
  test("Check 36: logs in to each registry, with `auth` made from user and password", () => {
    const credentials = [
      { registry: "docker.io", username: "u", password: "it's \"$p\\" },
      { registry: "a.lan", auth: "Z2l2ZW4=", username: "u" },
      { registry: "b.lan", username: "u" },
      { registry: "c.lan", username: "ü", password: "p", auth: "" },
    ];
    const {
      ECS_ENGINE_AUTH_TYPE,
      ECS_ENGINE_AUTH_DATA = "",
      ...others
    } = agent(withRegistries([], credentials));
    expect(others).toEqual(fixed);
    expect(ECS_ENGINE_AUTH_TYPE).toBe("dockercfg");
    const base64 = (text: string) => Buffer.from(text).toString("base64");
    expect(JSON.parse(ECS_ENGINE_AUTH_DATA)).toEqual({
      "https://index.docker.io/v1/": {
        email: ".",
        auth: base64("u:it's \"$p\\"),
        username: "u",
        password: "it's \"$p\\",
      },
      "a.lan": { email: ".", auth: "Z2l2ZW4=", username: "u" },
      "b.lan": { email: ".", username: "u" },
      "c.lan": { email: ".", auth: base64("ü:p"), username: "ü", password: "p" },
    });
    expect(ECS_ENGINE_AUTH_DATA).not.toMatch(/\n|^\s|\s$/);
  });
});
