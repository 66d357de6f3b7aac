/**
 * The settings under `settings.boot` as the API answers them, checked once.
 *
 * @source specification "platform" 7.1
 */

import { bootConfigFailure } from "./boot-config-failures.ts";
import { type BootParameters, isBootKey } from "./boot-config-text.ts";

/** The settings under `settings.boot`, as far as this room needs them. */
export interface BootSettings {
  readonly rebootToReconcile: boolean;
  /** `undefined` when the settings name no parameter at all. */
  readonly parameters: BootParameters | undefined;
}

/**
 * Takes the `boot` member of the settings apart.
 *
 * @param value  the member `boot` of a `GET /settings` reply, `undefined` if there is none
 * @throws  Failure if the value does not have the form the model gives it: another kind of server answered
 */
export function readBootSettings(value: unknown): BootSettings {
  if (value === undefined) return { rebootToReconcile: false, parameters: undefined };
  const boot = tableOf(value, "settings.boot");
  const reconcile = boot["reboot-to-reconcile"] ?? false;
  if (typeof reconcile !== "boolean") throw unexpected("settings.boot.reboot-to-reconcile", "a boolean");
  const { kernel, init } = boot;
  const parameters =
    kernel === undefined && init === undefined
      ? undefined
      : { kernel: readGroup(kernel, "kernel"), init: readGroup(init, "init") };
  return { rebootToReconcile: reconcile, parameters };
}

function readGroup(value: unknown, name: string): BootParameters["kernel"] {
  const group = new Map<string, readonly string[]>();
  for (const [key, list] of Object.entries(
    value === undefined ? {} : tableOf(value, `settings.boot.${name}`),
  )) {
    const strings = Array.isArray(list) && list.every((item) => typeof item === "string");
    if (!isBootKey(key) || !strings) throw unexpected(`settings.boot.${name}.${key}`, "a list of strings");
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
