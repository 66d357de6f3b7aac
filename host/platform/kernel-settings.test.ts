import { afterAll, describe, expect, it } from "bun:test";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import fc from "fast-check";
import { applyLockdown, applySysctls, sysctlPaths } from "./kernel-settings.ts";

const roots: string[] = [];
afterAll(() => roots.forEach((root) => void rmSync(root, { recursive: true })));

function hostWith(files: Record<string, string>): string {
  const root = mkdtempSync(join(tmpdir(), "pinwheel-kernel-settings-"));
  roots.push(root);
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  }
  return root;
}

const read = (root: string, path: string) => readFileSync(join(root, path), "utf8");
const lockdown = "sys/kernel/security/lockdown";

describe("sysctls", () => {
  it("platform Check 34: one that fails is told, the others are set", async () => {
    const root = hostWith({ "proc/sys/net/core/somaxconn": "128" });
    const remarks = await applySysctls(root, { sysctl: { "net.core.somaxconn": "1024", "a.b": "1" } });
    expect(remarks).toEqual([
      {
        level: "error",
        problem: {
          source: "corndog",
          key: 'settings.kernel.sysctl."a.b"',
          problem: expect.stringMatching(/^was not set: .*ENOENT/),
          accepted: "",
          fault: "given",
        },
      },
    ]);
    expect(read(root, "proc/sys/net/core/somaxconn")).toBe("1024");
  });

  it("rendered-config Check 41: no key leads out of /proc/sys", () => {
    expect(sysctlPaths("../../root/file")[0]).toEqual(["root", "file"]);
    fc.assert(
      fc.property(fc.stringMatching(/^[a-z./]{0,12}$/), (key) => {
        for (const path of sysctlPaths(key)) {
          expect(path.some((name) => name === ".." || name === "." || name.includes("/"))).toBe(false);
        }
      }),
    );
  });

  for (const key of ["net/ipv4/conf/eth0.100/rp_filter", "net.ipv4.conf.eth0/100.rp_filter"]) {
    it(`reaches an interface with a dot in its name: ${key}`, async () => {
      const root = hostWith({ "proc/sys/net/ipv4/conf/eth0.100/rp_filter": "0" });
      expect(await applySysctls(root, { sysctl: { [key]: "2" } })).toEqual([]);
      expect(read(root, "proc/sys/net/ipv4/conf/eth0.100/rp_filter")).toBe("2");
    });
  }

  describe("that the settings have no more", () => {
    const path = "proc/sys/vm/swappiness";
    const set = (value: string) => ({ sysctl: { "vm.swappiness": value } });

    it("get the value that they had before the settings first set them", async () => {
      const root = hostWith({ [path]: "60\n" });
      for (const value of ["10", "20"]) expect(await applySysctls(root, set(value))).toEqual([]);
      expect(await applySysctls(root, {})).toEqual([]);
      expect(read(root, path)).toBe("60\n");
    });

    it("are put back once, and are somebody else's from then on", async () => {
      const root = hostWith({ [path]: "60\n" });
      await applySysctls(root, set("10"));
      await applySysctls(root, undefined);
      writeFileSync(join(root, path), "30\n");
      await applySysctls(root, undefined);
      expect(read(root, path)).toBe("30\n");
    });

    it("are told when they cannot be put back, and the others are set all the same", async () => {
      const root = hostWith({ [path]: "60\n", "proc/sys/vm/laptop_mode": "0\n" });
      await applySysctls(root, set("10"));
      rmSync(join(root, path));
      const remarks = await applySysctls(root, { sysctl: { "vm.laptop_mode": "5" } });
      expect(remarks.map((remark) => remark.level !== "info" && remark.problem)).toMatchObject([
        {
          key: 'settings.kernel.sysctl."vm.swappiness"',
          problem: expect.stringMatching(/^was not put back to its value before: .*ENOENT/),
        },
      ]);
      expect(read(root, "proc/sys/vm/laptop_mode")).toBe("5\n");
    });

    it("stay as they are when nothing can be noted, which is told", async () => {
      const root = hostWith({ [path]: "60\n", run: "" });
      const remarks = await applySysctls(root, set("10"));
      expect(remarks.map((remark) => remark.level !== "info" && remark.problem.problem)).toEqual([
        expect.stringMatching(
          /^a value that is taken back stays until the host restarts: .*(ENOTDIR|EEXIST)/,
        ),
      ]);
      expect(read(root, path)).toBe("10\n");
    });
  });

  it("separates at dots and slashes alike where the kernel has such a name", async () => {
    const root = hostWith({ "proc/sys/net/ipv4/tcp_fin_timeout": "60" });
    expect(await applySysctls(root, { sysctl: { "net.ipv4/tcp_fin_timeout": "30" } })).toEqual([]);
    expect(read(root, "proc/sys/net/ipv4/tcp_fin_timeout")).toBe("30");
  });
});

describe("lockdown", () => {
  const modes = (current: string) =>
    `${["none", "integrity", "confidentiality"].map((mode) => (mode === current ? `[${mode}]` : mode)).join(" ")}\n`;
  const table: [situation: string, current: string, requested: string, level: string, written: boolean][] = [
    ["platform Check 34: integrity is not lowered to none", "integrity", "none", "warn", false],
    ["platform Check 34: none is raised to integrity", "none", "integrity", "info", true],
    ["os-image Check 31: confidentiality is not lowered", "confidentiality", "integrity", "warn", false],
    ["the same mode is left alone", "integrity", "integrity", "info", false],
    ["integrity is raised to confidentiality", "integrity", "confidentiality", "info", true],
  ];
  for (const [situation, current, requested, level, written] of table) {
    it(situation, async () => {
      const root = hostWith({ [lockdown]: modes(current) });
      const remarks = await applyLockdown(root, { lockdown: requested });
      expect(remarks.map((remark): string => remark.level)).toEqual([level]);
      expect(read(root, lockdown) !== modes(current)).toBe(written);
    });
  }

  it("fails with both modes when the kernel refuses", async () => {
    expect(applyLockdown(hostWith({}), { lockdown: "integrity" })).rejects.toThrow(
      "The kernel refused to change its lockdown mode from unknown to integrity",
    );
  });
});
