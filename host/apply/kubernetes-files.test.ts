/** The other files of the kubelet (specification "rendered-config" 7.2 to 7.7). */
import { describe, expect, test } from "bun:test";
import { readers, render } from "./testing-templates.ts";

const versions = [21, 22, 23, 24] as const;
const variant = (minor: number) => ({ variant: `aws-k8s-1.${minor}` });

describe("the kubelet's command line", () => {
  const tls = { "authentication-mode": "tls" };
  function words(minor: number, kubernetes: object): readonly string[] {
    const text = render("kubelet-exec-start-conf", "unit", { kubernetes }, variant(minor));
    const unit = readers.unit(text);
    expect(Object.keys(unit)).toEqual(["Service"]);
    // The first clears the base unit's, which does nothing.
    expect(unit.Service?.map(([name]) => name)).toEqual(["ExecStart", "ExecStart"]);
    expect(unit.Service?.[0]?.[1]).toEqual([]);
    return unit.Service?.[1]?.[1] as readonly string[];
  }
  const sockets = {
    21: "/run/dockershim.sock",
    22: "/run/dockershim.sock",
    23: "/run/containerd/containerd.sock",
    24: "/run/containerd/containerd.sock",
  };

  for (const minor of versions) {
    test(`Check 23: of 1.${minor} with everything set is this`, () => {
      const providers = { p: { enabled: true, "image-patterns": [] } };
      const settings = { ...tls, "cloud-provider": "aws", "credential-providers": providers, "log-level": 2 };
      expect(words(minor, settings)).toEqual([
        "/usr/bin/kubelet",
        ...["--cloud-provider", "aws"],
        ...["--kubeconfig", "/etc/kubernetes/kubelet/kubeconfig"],
        ...["--bootstrap-kubeconfig", "/etc/kubernetes/kubelet/bootstrap-kubeconfig"],
        ...["--config", "/etc/kubernetes/kubelet/config"],
        "--container-runtime=remote",
        `--container-runtime-endpoint=unix://${sockets[minor]}`,
        `--containerd=${sockets[minor]}`,
        ...(minor === 24 ? [] : ["--network-plugin", "cni"]),
        ...["--root-dir", "/var/lib/kubelet"],
        ...["--cert-dir", "/var/lib/kubelet/pki"],
        ...["--image-credential-provider-bin-dir", "/usr/libexec/kubernetes/kubelet/plugins"],
        ...["--image-credential-provider-config", "/etc/kubernetes/kubelet/credential-provider-config.yaml"],
        // biome-ignore lint/suspicious/noTemplateCurlyInString: systemd expands it
        ...["--node-ip", "${NODE_IP}"],
        // biome-ignore lint/suspicious/noTemplateCurlyInString: systemd expands it
        ...["--node-labels", "${NODE_LABELS}"],
        // biome-ignore lint/suspicious/noTemplateCurlyInString: systemd expands it
        ...["--register-with-taints", "${NODE_TAINTS}"],
        ...["-v", "2"],
        // biome-ignore lint/suspicious/noTemplateCurlyInString: systemd expands it
        ...["--pod-infra-container-image", "${POD_INFRA_CONTAINER_IMAGE}"],
      ]);
    });
  }

  const table: [situation: string, set: object, start: readonly string[]][] = [
    ["an unset cloud provider is external", tls, ["--cloud-provider", "external", "--kubeconfig"]],
    [
      "Check 22: no cloud provider is an empty word, and the next flag stays one",
      { ...tls, "cloud-provider": '""' },
      ["--cloud-provider", "", "--kubeconfig"],
    ],
    [
      "an AWS identity needs no bootstrap",
      { "authentication-mode": "aws", "cloud-provider": "aws" },
      ["--cloud-provider", "aws", "--kubeconfig", "/etc/kubernetes/kubelet/kubeconfig", "--config"],
    ],
    [
      "Check 21: a node that stands alone has no cloud provider and no cluster",
      { "standalone-mode": true, ...tls, "cloud-provider": "aws" },
      ["--cloud-provider", "", "--config"],
    ],
  ];
  for (const [situation, set, start] of table) {
    test(situation, () => expect(words(24, set).slice(1, start.length + 1)).toEqual([...start]));
  }
  test("Check 27: without an enabled credential provider there is none of both flags", () => {
    for (const providers of [undefined, {}, { a: { enabled: false }, b: { enabled: "true" } }]) {
      const flags = words(24, { ...tls, "credential-providers": providers });
      expect(flags.filter((word) => word.startsWith("--image-credential"))).toEqual([]);
    }
  });
  test("a log level of 0 counts, and without one there is no flag", () => {
    const flags = words(24, { ...tls, "log-level": 0 });
    expect(flags.slice(flags.indexOf("-v"))).toHaveLength(4);
    expect(flags[flags.indexOf("-v") + 1]).toBe("0");
    expect(words(24, tls)).not.toContain("-v");
  });
  test("is an error without authentication-mode, unless the node stands alone", () => {
    expect(() => words(24, {})).toThrow(
      'cannot be rendered: {%- if settings.kubernetes.authentication-mode == "tls" -%}: a setting that is compared is not set',
    );
    expect(words(24, { "standalone-mode": true })).toContain("--config");
  });
});

describe("the kubelet's environment", () => {
  const node = { "node-ip": "192.0.2.9", "pod-infra-container-image": "registry.example.com/pause:3.5" };
  const environment = (kubernetes: object) =>
    readers.env(render("kubelet-env", "env", { kubernetes: { ...node, ...kubernetes } }));
  const image = "registry.example.com/pause:3.5";

  test("Check 26: without labels and taints has both, empty", () => {
    expect(environment({})).toEqual({
      NODE_IP: "192.0.2.9",
      NODE_LABELS: "",
      NODE_TAINTS: "",
      POD_INFRA_CONTAINER_IMAGE: image,
    });
  });
  test("Check 25, Check 26: has labels and taints by name", () => {
    const set = {
      "node-labels": { z: "1", a: "2" },
      "node-taints": { b: [":NoExecute"], a: ["x:NoSchedule", "x:NoExecute"] },
    };
    expect(environment(set)).toMatchObject({
      NODE_LABELS: "a=2,z=1",
      NODE_TAINTS: "a=x:NoSchedule,a=x:NoExecute,b=:NoExecute",
    });
  });
  test("has labels that look like numbers in byte order too", () => {
    expect(environment({ "node-labels": { a: "", "9": "y", "10": "x" } }).NODE_LABELS).toBe("10=x,9=y,a=");
  });
  for (const name of ["node-ip", "pod-infra-container-image"]) {
    test(`is an error without ${name}`, () => {
      expect(() => environment({ [name]: undefined })).toThrow(
        `undefined variable: settings.kubernetes.${name}`,
      );
    });
  }
});

const skeleton = (cluster: object | null, user: object | null) => ({
  apiVersion: "v1",
  kind: "Config",
  clusters: [{ name: "kubernetes", cluster }],
  contexts: [{ name: "kubelet", context: { cluster: "kubernetes", user: "kubelet" } }],
  "current-context": "kubelet",
  users: [{ name: "kubelet", user }],
});
const server = { "api-server": "https://k.example:6443" };
const cluster = { "certificate-authority": "/etc/kubernetes/pki/ca.crt", server: "https://k.example:6443" };

describe("the kubelet's way to the cluster", () => {
  const aws = { "authentication-mode": "aws" };
  const exec = (...args: string[]) => ({
    exec: {
      apiVersion: "client.authentication.k8s.io/v1beta1",
      command: "/usr/bin/aws-iam-authenticator",
      args,
    },
  });
  const certificate = "/var/lib/kubelet/pki/kubelet-client-current.pem";
  const region = { aws: { region: "r1" } };
  const table: [situation: string, kubernetes: object, others: object, expected: object][] = [
    [
      "Check 28: AWS without the cluster's name has no user",
      { ...aws, ...server },
      region,
      skeleton(cluster, null),
    ],
    [
      "Check 28: AWS with the cluster's name and a region",
      { ...aws, ...server, "cluster-name": "c1" },
      region,
      skeleton(cluster, exec("token", "-i", "c1", "--region", "r1")),
    ],
    [
      "AWS without a region",
      { ...aws, "cluster-name": "yes" },
      {},
      skeleton(null, exec("token", "-i", "yes")),
    ],
    [
      "TLS",
      { "authentication-mode": "tls", ...server, "cluster-name": "c1" },
      region,
      skeleton(cluster, { "client-certificate": certificate, "client-key": certificate }),
    ],
  ];
  for (const [situation, kubernetes, others, expected] of table) {
    test(situation, () => {
      expect(readers.yaml(render("kubelet-kubeconfig", "yaml", { kubernetes, ...others }))).toEqual(expected);
    });
  }
  test("is an error without authentication-mode", () => {
    expect(() => render("kubelet-kubeconfig", "yaml", { kubernetes: server })).toThrow(
      "a setting that is compared is not set",
    );
  });
});

describe("the kubelet's way into the cluster", () => {
  const bootstrap = (kubernetes: object) =>
    readers.yaml(render("kubelet-bootstrap-kubeconfig", "yaml", { kubernetes }));
  test("has the token if there is one", () => {
    const token = "012345.0123456789012345";
    expect(bootstrap({ ...server, "bootstrap-token": token })).toEqual(skeleton(cluster, { token }));
    expect(bootstrap({})).toEqual(skeleton(null, null));
  });
});

describe("a certificate or key", () => {
  const files = {
    "kubernetes-ca-crt": "cluster-certificate",
    "kubelet-server-crt": "server-certificate",
    "kubelet-server-key": "server-key",
  };
  for (const [template, name] of Object.entries(files)) {
    const show = (value: unknown) => render(template, "verbatim", { kubernetes: { [name]: value } });
    test(`${template}: is what ${name} says, to the byte, and empty without`, () => {
      const pem = "-----BEGIN X-----\r\nYQ==\n-----END X-----\n\n";
      expect(show(Buffer.from(pem).toString("base64"))).toBe(pem);
      expect(show("YQ")).toBe("a");
      expect(show("")).toBe("");
      expect(show(undefined)).toBe("");
    });
    test(`Check 7: ${template}: must be text`, () => {
      expect(() => show("wyg=")).toThrow(
        `The template ${template} cannot be rendered: base64_decode: the decoded bytes are not UTF-8 text`,
      );
    });
  }
});

describe("the credential providers", () => {
  const ecr = { enabled: true, "image-patterns": ["*.dkr.ecr.*.amazonaws.com", "a"] };
  const read = (minor: number, providers: object | undefined, settings: object = {}) =>
    readers.yaml(
      render(
        "credential-provider-config-yaml",
        "yaml",
        { kubernetes: { "credential-providers": providers }, ...settings },
        variant(minor),
      ),
    );
  const versionsOf = (minor: number) => (minor === 24 ? "v1beta1" : "v1alpha1");

  for (const minor of versions) {
    test(`Check 27: of 1.${minor}, with the profile that the reference forgets`, () => {
      const providers = { "ecr-credential-provider": ecr };
      expect(read(minor, providers, { aws: { profile: "default" } })).toEqual({
        apiVersion: `kubelet.config.k8s.io/${versionsOf(minor)}`,
        kind: "CredentialProviderConfig",
        providers: [
          {
            name: "ecr-credential-provider",
            matchImages: ["*.dkr.ecr.*.amazonaws.com", "a"],
            defaultCacheDuration: "12h",
            apiVersion: "credentialprovider.kubelet.k8s.io/v1alpha1",
            env: [
              { name: "HOME", value: "/root" },
              { name: "AWS_PROFILE", value: "default" },
            ],
          },
        ],
      });
    });
    test(`Check 27: of 1.${minor} are none when none is enabled`, () => {
      for (const providers of [undefined, {}, { p: { ...ecr, enabled: false } }])
        expect(read(minor, providers)).toEqual({
          apiVersion: `kubelet.config.k8s.io/${versionsOf(minor)}`,
          kind: "CredentialProviderConfig",
          providers: null,
        });
    });
  }
  test("are listed by name; only ECR's has an environment, and null is no duration", () => {
    const providers = {
      z: { ...ecr, "cache-duration": "30m" },
      off: { ...ecr, enabled: false },
      "ecr-credential-provider": { ...ecr, "cache-duration": null },
      "9": { ...ecr, "image-patterns": [] },
    };
    const apiVersion = "credentialprovider.kubelet.k8s.io/v1alpha1";
    const matchImages = ecr["image-patterns"];
    expect(read(24, providers)).toMatchObject({
      providers: [
        { name: "9", matchImages: [], defaultCacheDuration: "12h", apiVersion },
        {
          name: "ecr-credential-provider",
          matchImages,
          defaultCacheDuration: "12h",
          apiVersion,
          env: [{ name: "HOME", value: "/root" }],
        },
        { name: "z", matchImages, defaultCacheDuration: "30m", apiVersion },
      ],
    });
  });
});
