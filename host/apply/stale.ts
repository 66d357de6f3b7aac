/** Files that a removed setting leaves behind. */

import { parseKey } from "../settings/index.ts";
import type { UnrenderedFile } from "./plan.ts";

/**
 * Of the files that cannot be rendered, those that lack just what a change has removed: they should be gone. Without
 * this the old file, and with it the old value, which may be a password, would serve until the next boot. A boot with
 * the new settings would not make the file either (specification "rendered-config" 1.2: all mode skips it, and /etc
 * is empty then), so the host is afterwards as it would be after a reboot.
 *
 * Whatever else keeps a file from being rendered is a failure of the change, as in the reference.
 *
 * @param removedKeys  changed keys that are not set any more
 */
export function splitStale(
  unrendered: readonly UnrenderedFile[],
  removedKeys: readonly string[],
): { readonly stale: readonly UnrenderedFile[]; readonly failed: readonly UnrenderedFile[] } {
  // A template's names have no quotes: settings.kernel.sysctl."vm.swappiness" is told as ….sysctl.vm.swappiness.
  const removed = removedKeys.map((key) => key.replaceAll('"', ""));
  const isStale = ({ missing }: UnrenderedFile) =>
    missing !== undefined &&
    // With its last setting a whole group is gone, and is what the template misses first.
    removed.some((key) => key === missing || key.startsWith(`${missing}.`) || missing.startsWith(`${key}.`));
  return { stale: unrendered.filter(isStale), failed: unrendered.filter((file) => !isStale(file)) };
}

/** Of some keys those that have no value in the settings of a model. */
export function unsetKeys(keys: readonly string[], settings: unknown): readonly string[] {
  return keys.filter((text) => {
    const key = parseKey(text);
    if (!key.ok) return false;
    const [, ...segments] = key.key.segments;
    const value = segments.reduce<unknown>(
      (table, name) =>
        typeof table === "object" && table !== null && Object.hasOwn(table, name)
          ? Reflect.get(table, name)
          : undefined,
      settings,
    );
    return value === undefined || value === null;
  });
}
