import { describe, expect, it } from "bun:test";
import { down, ListedHost, up } from "./testing.ts";
import { waitForHealth } from "./wait-for-health.ts";

const checks = {
  units: ["a.service"],
  containers: [{ name: "agent", container: "admin", command: ["true"] }],
  limitMs: 60_000,
};
const unit = "a.service is failed";
const command = "check agent in container admin: exit code 1";

describe("waiting for health checks", () => {
  it("ends at once when all of them hold", async () => {
    const host = new ListedHost();
    expect(await waitForHealth(checks, host)).toEqual([]);
    expect(host.pauses).toEqual([]);
  });

  it("goes on until all hold at the same time: one after the other is not enough", async () => {
    const host = new ListedHost([up, down, up], [1, 0, 0]);
    expect(await waitForHealth(checks, host)).toEqual([]);
    expect(host.pauses).toEqual([1000, 1500]);
  });

  it("asks every few seconds, a last time when the time is over, and tells what does not hold then", async () => {
    const host = new ListedHost([down], [1]);
    expect(await waitForHealth(checks, host)).toEqual([unit, command]);
    expect(host.pauses.slice(0, 6)).toEqual([1000, 1500, 2250, 3375, 5000, 5000]);
    expect(host.pauses.reduce((sum, ms) => sum + ms, 0)).toBe(60_000);
    expect(await waitForHealth({ ...checks, containers: [] }, new ListedHost([down]))).toEqual([unit]);
  });

  it("gives a command 30 s, less when less is left, and a second at least", async () => {
    const host = new ListedHost([down], [1]);
    await waitForHealth(checks, host);
    expect(host.commandMs[0]).toBe(30_000);
    expect(host.commandMs.at(-2)).toBeLessThan(5000);
    expect(host.commandMs.at(-1)).toBe(1000);
  });

  it("takes no answer for a check that does not hold, and asks again", async () => {
    const silent = new ListedHost([new Error("systemctl show: did not end within 60 s"), up]);
    expect(await waitForHealth(checks, silent)).toEqual([]);
    const nowhere = new ListedHost([up], [new Error("cannot start /usr/bin/ctr: ENOENT")]);
    expect(await waitForHealth({ ...checks, limitMs: 1000 }, nowhere)).toEqual([
      "check agent in container admin: cannot start /usr/bin/ctr: ENOENT",
    ]);
  });
});
