/**
 * Time within a boot. The wall clock may jump when the network sets it, which at boot is the rule: what has to last a
 * while is measured by this.
 */
import { readFileSync } from "node:fs";

export interface BootClock {
  /** Differs from boot to boot. */
  readonly bootId: string;
  /** Seconds since this boot began, time in suspend included; with hundredths. */
  uptimeSeconds(): number;
}

/** The clock of the boot that is running. */
export function bootClock(): BootClock {
  return {
    bootId: readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim(),
    uptimeSeconds: () => Number.parseFloat(readFileSync("/proc/uptime", "utf8")),
  };
}
