/** Which cluster a Kubernetes node belongs to, how both prove who they are, and the cluster's DNS. */
import { boolean } from "../basic-types.ts";
import { secret } from "../composed-types.ts";
import { setting } from "../declaration.ts";
import { base64 } from "../encoded-types.ts";
import {
  authenticationMode,
  bootstrapToken,
  cloudProvider,
  clusterName,
  oneOrManyAddresses,
} from "../kubernetes-types.ts";
import { dnsDomain } from "../network-types.ts";
import { url } from "../text-types.ts";

// The proxy is not used for these, so all that read its file are affected; in the reference only the kubelet is
// restarted (specification "settings" 9.2).
const affects = ["kubernetes", "containerd", "host-containerd"] as const;

export const clusterSettings = {
  "cluster-name": setting(clusterName, {
    doc: "The name of the cluster, needed where the node authenticates with AWS.",
    example: "prod-1",
  }),
  "cluster-certificate": setting(base64, {
    doc: "The certificate of the cluster's authority, PEM in base64.",
    example: "LS0tLS1CRUdJTg==",
  }),
  "api-server": setting(url, {
    doc: "The address of the API server, with its scheme.",
    example: "https://api.example.com:6443",
    affects,
  }),
  "authentication-mode": setting(authenticationMode, {
    doc: 'How the node authenticates: with its AWS identity, or "tls" with a bootstrap token.',
    example: "tls",
  }),
  "bootstrap-token": setting(bootstrapToken, {
    doc: 'The token with which a node joins the cluster where authentication-mode is "tls".',
    example: "abc123.0123456789abcdef",
  }),
  "standalone-mode": setting(boolean, {
    doc: "True: the kubelet runs static pods only, without an API server.",
    example: false,
  }),
  "server-tls-bootstrap": setting(boolean, {
    doc: "True: the cluster signs the kubelet's server certificate. Not used with server-certificate and server-key.",
    example: true,
  }),
  "server-certificate": setting(base64, {
    doc: "The kubelet's server certificate, PEM in base64. Used only with server-key.",
    example: "LS0tLS1CRUdJTg==",
  }),
  "server-key": setting(secret(base64), {
    doc: "The private key of server-certificate, PEM in base64.",
    example: "LS0tLS1CRUdJTg==",
  }),
  "cloud-provider": setting(cloudProvider, {
    doc: 'The cloud provider of the kubelet. Unset: "external". Empty is none, and is returned as two double quotes.',
    example: "external",
  }),
  "provider-id": setting(url, {
    doc: "How the cloud provider knows this node.",
    example: "aws:///eu-west-1a/i-0abc",
  }),
  "cluster-dns-ip": setting(oneOrManyAddresses, {
    doc: "The cluster's DNS service: one address or a list. Unset: pods get no cluster DNS.",
    example: ["10.96.0.10", "fd00::a"],
    generatedBy: { aws: "pluto cluster-dns-ip" },
  }),
  "cluster-domain": setting(dnsDomain, {
    doc: "The domain of the cluster's services.",
    example: "cluster.local",
    affects,
  }),
};
