/** Static pods as the settings declare them (specification "rendered-config" 10.3). */
import { decodeBase64, keyText } from "../../settings/index.ts";

/** One entry of `settings.kubernetes.static-pods`: what becomes of its file, or what is wrong with it. */
export type StaticPod =
  | { readonly name: string; readonly kind: "enabled"; readonly manifest: Uint8Array }
  | { readonly name: string; readonly kind: "disabled" }
  | { readonly name: string; readonly kind: "wrong"; readonly problem: string };

/**
 * Reads the pods, in the order of their names.
 *
 * @param kubernetes  the member `kubernetes` of the settings
 */
export function readStaticPods(kubernetes: object): readonly StaticPod[] {
  return Object.entries(tableOf(Reflect.get(kubernetes, "static-pods")))
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, pod]) => readStaticPod(name, tableOf(pod)));
}

function readStaticPod(name: string, { enabled, manifest }: Readonly<Record<string, unknown>>): StaticPod {
  const wrong = (member: string, problem: string): StaticPod => {
    const key = keyText(["settings", "kubernetes", "static-pods", name, member]);
    return { name, kind: "wrong", problem: `${key} ${problem}` };
  };
  // The name becomes that of a file.
  if (!/^[A-Za-z0-9-]+$/.test(name))
    return { name, kind: "wrong", problem: `${name}: the name has other characters than A-Z a-z 0-9 -` };
  if (typeof enabled !== "boolean") return wrong("enabled", "is not set");
  if (!enabled) return { name, kind: "disabled" };
  if (manifest === undefined) return wrong("manifest", "is not set");
  const bytes = typeof manifest === "string" ? decodeBase64(manifest) : undefined;
  return bytes === undefined
    ? wrong("manifest", "is not base64")
    : { name, kind: "enabled", manifest: bytes };
}

function tableOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : {};
}
