import { expect, it } from "bun:test";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { readUnitLinks, watchedUnits } from "./units.ts";

const UNITS = join(import.meta.dirname, "../variants/shared/units");

it("the host tells of units that its sets bring or pull in, and of no target, slice, template or drop-in", () => {
  const files = ["b.service", "a.timer", "x.target", "y.slice", "t@.service", "b.service.d", "u-l.mount"];
  const links = new Map([
    ["default.target", "multi-user.target"],
    ["multi-user.target.wants/b.service", "b.service"],
    ["multi-user.target.wants/stock.service", "stock.service"],
    ["getty.target.wants/getty@tty1.service", "getty@tty1.service"],
  ]);
  expect(watchedUnits(files, links)).toEqual([
    "a.timer",
    "b.service",
    "getty@tty1.service",
    "stock.service",
    "u-l.mount",
  ]);
});

it("those of the base are among them: ours, and those of systemd and chrony that it pulls in", () => {
  const { links } = readUnitLinks(readFileSync(join(UNITS, "base.toml"), "utf8"), "base.toml");
  const units = watchedUnits(readdirSync(join(UNITS, "base")), links);
  for (const name of ["apiserver.service", "chronyd.service", "systemd-networkd.service"]) {
    expect(units).toContain(name);
  }
});
