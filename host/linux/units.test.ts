import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { defaultTarget, hasProcesses, isInstalled, pullsOf } from "./units.ts";

let root: string;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), "pinwheel-units-"));
});
afterEach(() => rm(root, { recursive: true }));

async function put(path: string, text = ""): Promise<void> {
  await mkdir(dirname(join(root, path)), { recursive: true });
  await writeFile(join(root, path), text);
}

async function link(path: string, target: string): Promise<void> {
  await mkdir(dirname(join(root, path)), { recursive: true });
  await symlink(target, join(root, path));
}

describe("a service has processes", () => {
  const slice = "sys/fs/cgroup/system.slice";
  const table: [what: string, unit: string, group: string, events: string, has: boolean][] = [
    ["if its control group is populated", "a.service", "a.service", "populated 1\nfrozen 0\n", true],
    ["but not if that is empty", "a.service", "a.service", "populated 0\nfrozen 0\n", false],
    ["and not if there is none", "a.service", "b.service", "populated 1\nfrozen 0\n", false],
    [
      "if it is an instance, in the slice of its template",
      "host-containers@ad-min.service",
      "system-host\\x2dcontainers.slice/host-containers@ad-min.service",
      "populated 1\nfrozen 0\n",
      true,
    ],
  ];
  for (const [what, unit, group, events, has] of table) {
    test(what, async () => {
      await put(join(slice, group, "cgroup.events"), events);
      expect(await hasProcesses(root, unit)).toBe(has);
    });
  }
});

test("a unit is installed if it or its template is in one of systemd's directories", async () => {
  await put("usr/lib/systemd/system/plain.service");
  await put("usr/lib/systemd/system/template@.service");
  await put("etc/systemd/system/own.service");
  await put("run/systemd/system/made.service");
  const units = ["plain.service", "template@a.b-c.service", "own.service", "made.service"];
  for (const unit of units) expect(await isInstalled(root, unit)).toBe(true);
  for (const unit of ["other.service", "plain@a.service", "template.service"])
    expect(await isInstalled(root, unit)).toBe(false);
});

test("a target pulls in what it has a link to, also to an instance, which has no file of its own", async () => {
  await link("etc/systemd/system/a.target.wants/x@1.service", "/usr/lib/systemd/system/x@.service");
  await link("etc/systemd/system/a.target.requires/x@1.service", "/usr/lib/systemd/system/x@.service");
  await link("etc/systemd/system/a.target.requires/x@2.service", "/usr/lib/systemd/system/x@.service");
  expect(await pullsOf(root, "a.target", "x@1.service")).toEqual(["wants", "requires"]);
  expect(await pullsOf(root, "a.target", "x@2.service")).toEqual(["requires"]);
  expect(await pullsOf(root, "a.target", "x@3.service")).toEqual([]);
  expect(await pullsOf(root, "b.target", "x@1.service")).toEqual([]);
});

test("the default target is the first that a link leads to, that of the machine before that of the image", async () => {
  expect(await defaultTarget(root)).toBeUndefined();
  await put("usr/lib/systemd/system/multi-user.target");
  await put("usr/lib/systemd/system/configured.target");
  await link("usr/lib/systemd/system/default.target", "multi-user.target");
  expect(await defaultTarget(root)).toBe("multi-user.target");
  await link("etc/systemd/system/default.target", join(root, "usr/lib/systemd/system/configured.target"));
  expect(await defaultTarget(root)).toBe("configured.target");
});
