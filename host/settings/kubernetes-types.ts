/** Types for Kubernetes settings (specification "settings" 6.6). */
import { integer, oneOf } from "./basic-types.ts";
import { either, oneOrMany, secret, storedAs } from "./composed-types.ts";
import { ipAddress } from "./network-types.ts";
import { names, oneOfNames, text } from "./text-rule.ts";

const labelText = "[A-Za-z0-9](?:[A-Za-z0-9._-]{0,61}[A-Za-z0-9])?";

/** The name of a label or taint, with an optional prefix before a slash. */
export const labelKey = names({
  accepted:
    "a label key: 1 to 63 characters A-Z a-z 0-9 . _ - that start and end with a letter or digit, after an optional prefix of 1 to 253 characters A-Z a-z 0-9 . - and a slash",
  shapes: [{ pattern: `^(?:[A-Za-z0-9.-]{1,253}/)?${labelText}$`, otherwise: "it is not a label key" }],
});

export const labelValue = text({
  accepted:
    "that is empty or 1 to 63 characters A-Z a-z 0-9 . _ -, starting and ending with a letter or digit",
  shapes: [{ pattern: `^(?:${labelText})?$`, otherwise: "it is not a label value" }],
});

/** What the authenticator and EKS know the cluster by. */
export const clusterName = text({
  accepted: "of 1 to 63 characters A-Z a-z 0-9 . _ -, starting and ending with a letter or digit",
  length: { min: 1 },
  shapes: [{ pattern: `^${labelText}$`, otherwise: "it is not a cluster name" }],
});

const taint = text({
  accepted: "that is a taint: an optional label value, a colon, and an effect such as NoSchedule",
  shapes: [{ pattern: `^(?:${labelText})?:[A-Za-z0-9]{1,253}$`, otherwise: "it is not a taint" }],
});

/** The taints under one key, given as one or as many; stored as a list, which is never empty. */
export const taints = storedAs(oneOrMany(taint, { least: 1 }), (given) => [given].flat());

export const authenticationMode = oneOf(["aws", "tls"]);

export const bootstrapToken = secret(
  text({
    accepted: "of 6 characters a-z 0-9, a dot, and 16 characters a-z 0-9",
    shapes: [{ pattern: "^[a-z0-9]{6}\\.[a-z0-9]{16}$", otherwise: "it is not a bootstrap token" }],
  }),
);

const noProvider = '""'; // stored for none, as the reference does (specification "settings" 4.7)

export const cloudProvider = storedAs(oneOf(["aws", "external", "", noProvider]), (provider) =>
  provider === "" ? noProvider : provider,
);

export const evictionSignal = oneOfNames([
  "memory.available",
  "nodefs.available",
  "nodefs.inodesFree",
  "imagefs.available",
  "imagefs.inodesFree",
  "pid.available",
]);

export const reservedResource = oneOfNames(["cpu", "memory", "ephemeral-storage"]);

// Narrower than the reference, which takes "...", "1e" and "12K", with any of which the kubelet does not start.
const quantityPattern = "[+-]?(?:[0-9]+(?:\\.[0-9]*)?|\\.[0-9]+)(?:e[0-9]+|[EPTGM]i?|Ki|[numk])?";

/** An amount of a resource as Kubernetes writes it. */
export const quantity = text({
  accepted: 'that is a quantity such as "500m", "2Gi" or "1.5"',
  shapes: [{ pattern: `^${quantityPattern}$`, otherwise: "it is not a quantity" }],
});

/** When to evict pods: what is left, as a quantity or as a part of the whole. */
export const threshold = text({
  accepted: 'that is a quantity such as "200Mi", or a percentage from "0%" to below "100%"',
  shapes: [
    {
      pattern: `^(?:${quantityPattern}|\\+?0*(?:[0-9]{1,2}(?:\\.[0-9]*)?|\\.[0-9]+)%)$`,
      otherwise: "it is neither a quantity nor a percentage below 100",
    },
  ],
});

export const cpuManagerPolicy = oneOf(["none", "static"]);
export const topologyManagerScope = oneOf(["container", "pod"]);
export const topologyManagerPolicy = oneOf(["none", "restricted", "best-effort", "single-numa-node"]);

/** 0 to 100: as a text, as the reference wants it, or as the number that people write first. */
export const percent = either(
  "integer",
  integer({ min: 0, max: 100 }),
  text({
    accepted: 'that is a whole number from "0" to "100"',
    shapes: [{ pattern: "^\\+?0*(?:100|[1-9]?[0-9])$", otherwise: "it is not a whole number from 0 to 100" }],
  }),
);

/** One address, or a list of them, returned in the form that was given. */
export const oneOrManyAddresses = oneOrMany(ipAddress);
