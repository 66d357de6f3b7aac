/** Where the time of starting the host went. Decides only. */
import type { Diagnosis } from "../api/index.ts";

/** The properties of systemd itself that are asked for; the times are in microseconds. */
export const managerProperties = [
  "SystemState", "FirmwareTimestampMonotonic", "LoaderTimestampMonotonic", "InitRDTimestampMonotonic",
  "UserspaceTimestampMonotonic", "FinishTimestampMonotonic",
] as const; // biome-ignore format: a table of names

/** Whether systemd is still on its way to the default target. */
export const isStarting = (manager: ReadonlyMap<string, string>): boolean =>
  /^(initializing|starting)$/.test(manager.get("SystemState") ?? "");

/**
 * The steps of a start, those whose times are known. The times of firmware and loader count backwards from where the
 * kernel began, the others onwards; what is zero is not known or has not come yet.
 *
 * @param steps  of configuring the host, which is a part of user space
 * @source  org.freedesktop.systemd1(5)
 */
export function bootTimeline(
  manager: ReadonlyMap<string, string>,
  steps: readonly { readonly name: string; readonly durationMs: number }[],
): Diagnosis["timeline"] {
  const at = (name: string) => Number(manager.get(`${name}TimestampMonotonic`) ?? 0) / 1000;
  const [firmware, loader] = [at("Firmware"), at("Loader")];
  const [initrd, userspace, finish] = [at("InitRD"), at("Userspace"), at("Finish")];
  const known = (step: string, durationMs: number) =>
    durationMs > 0 ? [{ step, "duration-ms": Math.round(durationMs) }] : [];
  return [
    ...known("firmware", firmware - loader),
    ...known("boot selector", loader),
    ...known("kernel", initrd > 0 ? initrd : userspace),
    ...known("initrd", initrd > 0 ? userspace - initrd : 0),
    ...known("user space", finish > 0 ? finish - userspace : 0),
    ...steps.map(({ name, durationMs }) => ({
      step: `user space: configuring: ${name}`,
      "duration-ms": Math.round(durationMs),
    })),
  ];
}
