/** What GET /status and GET /doctor answer, in the order of their declaration in host-status.ts. */
import type { Schema } from "../../settings/index.ts";
import { amount, record, reference, text, texts } from "./schema-words.ts";

const flag: Schema = { type: "boolean" };
const orNull = (schema: Schema): Schema => ({ anyOf: [schema, { type: "null" }] });
const listOf = (name: string): Schema => ({ type: "array", items: reference(name) });
const oneOf = (...values: readonly string[]): Schema => ({ type: "string", enum: [...values] });
const time: Schema = { type: "string", description: "RFC 3339, UTC" };

const status = {
  healthy: { ...flag, description: "Whether no finding is a problem" },
  findings: { ...listOf("Finding"), description: "Problems first" },
  units: { ...listOf("UnitStatus"), description: "Those of the image, and any other that has failed" },
  containers: listOf("ContainerStatus"),
  boot: record({ outcome: oneOf("done", "failed", "not-configured"), "failed-steps": texts }),
  "last-apply": orNull(record({ id: text, state: text, "committed-at": time })),
  sets: {
    ...orNull(record({ active: text, "marked-good": flag, next: orNull(text) })),
    description: "The partition sets; null where the root file system is of none",
  },
  disks: {
    type: "array",
    items: record({ path: text, device: text, "size-bytes": amount, "free-bytes": amount }),
  },
  memory: record({ "total-bytes": amount, "available-bytes": amount }),
  "clock-synchronised": { type: ["boolean", "null"], description: "null if nobody can tell" },
} satisfies Readonly<Record<string, Schema>>;

export const statusSchemas = {
  Finding: record({
    kind: { ...oneOf("problem", "advice"), description: "Only a problem makes the host unhealthy" },
    about: { ...text, description: "A unit, a disk, `clock` and so on" },
    text,
    hint: { ...text, description: "What to do" },
  }),
  UnitStatus: record({
    name: text,
    description: text,
    state: { ...text, description: "Such as active, inactive, failed; not-found if there is no such unit" },
    "sub-state": { ...text, description: "Such as running, exited, dead, auto-restart" },
    result: { ...text, description: "Why it failed last; `success` if it did not" },
    "last-exit": {
      ...orNull({ anyOf: [record({ code: amount }), record({ signal: text })] }),
      description: "How its last process ended; null while none has",
    },
    restarts: amount,
    since: { ...orNull(time), description: "Since when it is in this state" },
    problem: { ...orNull(text), description: "One line; null if all is well" },
  }),
  ContainerStatus: record({
    name: text,
    kind: oneOf("host", "bootstrap"),
    wanted: { ...text, description: "enabled or disabled; of a bootstrap container its mode" },
    source: { ...text, description: "Of the settings" },
    image: {
      ...orNull(record({ source: text, digest: { ...text, description: "Such as sha256:…" } })),
      description: "What runs, or ran last since the host started; null if nothing has",
    },
    pulling: {
      ...orNull(
        record({
          source: text,
          "received-bytes": amount,
          "total-bytes": { ...orNull(amount), description: "null before the registry has said so" },
          "failed-attempt": {
            ...orNull(text),
            description: "Why the last attempt failed, to be tried again",
          },
        }),
      ),
      description: "The image that is being pulled and unpacked, before anything runs; null if none is",
    },
    unit: reference("UnitStatus"),
  }),
  HostStatus: record(status),
  Diagnosis: record({
    ...status,
    timeline: {
      type: "array",
      description: "The parts of starting this host, in order; those that are not known are left out",
      items: record({ step: text, "duration-ms": { type: "number", minimum: 0 } }),
    },
    registries: {
      type: "array",
      items: record({
        url: text,
        reached: flag,
        "duration-ms": { type: "number", minimum: 0 },
        detail: { ...text, description: "What was answered, or why nothing was" },
      }),
    },
  }),
} satisfies Readonly<Record<string, Schema>>;
