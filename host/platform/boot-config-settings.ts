/**
 * The settings under `settings.boot` as the API answers them, checked once.
 *
 * @source specification "platform" 7.1
 */

import { isBootParameterName } from "../settings/index.ts";
import { bootConfigFailure } from "./boot-config-failures.ts";
import type { BootParameters } from "./boot-config-text.ts";

/** The settings under `settings.boot`, as far as this room needs them. */
export interface BootSettings {
  readonly rebootToReconcile: boolean;
  /** `undefined` when the settings say nothing of them, which is not the same as an empty table. */
  readonly kernel: BootParameters["kernel"] | undefined;
  readonly init: BootParameters["init"] | undefined;
}

/**
 * Takes the `boot` member of the settings apart.
 *
 * @param value  the member `boot` of a `GET /settings` reply, `undefined` if there is none
 * @throws  Failure if the value does not have the form the model gives it: another kind of server answered
 */
export function readBootSettings(value: unknown): BootSettings {
  const boot = value === undefined ? {} : tableOf(value, "settings.boot");
  const reconcile = boot["reboot-to-reconcile"] ?? false;
  if (typeof reconcile !== "boolean") throw unexpected("settings.boot.reboot-to-reconcile", "a boolean");
  return {
    rebootToReconcile: reconcile,
    kernel: readGroup(boot.kernel, "kernel"),
    init: readGroup(boot.init, "init"),
  };
}

function readGroup(value: unknown, name: string): BootParameters["kernel"] | undefined {
  if (value === undefined) return undefined;
  const group = new Map<string, readonly string[]>();
  for (const [key, list] of Object.entries(tableOf(value, `settings.boot.${name}`))) {
    const strings = Array.isArray(list) && list.every((item) => typeof item === "string");
    if (!isBootParameterName(key) || !strings)
      throw unexpected(`settings.boot.${name}.${key}`, "a list of strings");
    group.set(key, list);
  }
  return group;
}

function tableOf(value: unknown, key: string): Record<string, unknown> {
  if (typeof value !== "object" || value === null || Array.isArray(value)) throw unexpected(key, "a table");
  return value as Record<string, unknown>;
}

function unexpected(key: string, accepted: string): Error {
  return bootConfigFailure("boot-config/unexpected-setting", { key, accepted });
}
