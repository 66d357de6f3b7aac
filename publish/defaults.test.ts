/** The tool itself, started in a directory that has what its defaults name. */
import { expect, test } from "bun:test";
import { mkdirSync, readlinkSync, renameSync, symlinkSync } from "node:fs";
import { open } from "node:fs/promises";
import { join } from "node:path";
import { Desk, VARIANT } from "./testing.ts";

const tool = join(import.meta.dirname, "../bin/pinwheel.ts");

/** @returns exit code, stdout, stderr */
function pinwheel(desk: Desk, ...args: readonly string[]) {
  const { exitCode, stdout, stderr } = Bun.spawnSync([process.execPath, tool, "repo", ...args], {
    cwd: desk.directory,
  });
  return [exitCode, stdout.toString(), stderr.toString()] as const;
}

test("keys, build, plan and validate need no option where everything is in its place", async () => {
  using desk = new Desk();
  await desk.build("1.0.0");
  const full = `pinwheel-${VARIANT}-x86_64-1.0.0-0123abcd`;
  const friendly = `pinwheel-${VARIANT}-x86_64-v1.0.0`;
  const more = [
    `${full}.img.lz4`,
    `${friendly}.img.lz4`,
    `${friendly}.ova`,
    `${VARIANT}-x86_64-kmod-kit-v1.0.0.tar.xz`,
  ];
  // Neither other links to the same, nor what only the lab uses, nor another variant's, is published.
  const others = [
    `${full}.img`,
    `pinwheel-${VARIANT}-x86_64.img.lz4`,
    `pinwheel-x-x86_64-v1.0.0.img.lz4`,
    ".key",
  ];
  for (const name of [...more, ...others]) desk.write(join("images", name), name);
  const images = desk.path("build", "images", `x86_64-${VARIANT}`);
  mkdirSync(images, { recursive: true });
  renameSync(desk.images, join(images, "1.0.0-0123abcd"));
  // Built later, and not what is published here.
  mkdirSync(join(images, "1.1.0-0123abcd"));
  symlinkSync("1.1.0-0123abcd", join(images, "latest"));
  desk.release("1.0.0");

  const [refused, , why] = pinwheel(desk, "build", VARIANT);
  expect([refused, why]).toEqual([
    1,
    "error: There is no root role roles/default.root.json\n" +
      `while: pinwheel repo build ${VARIANT}\n` +
      "try:   If the repository is new, run bin/pinwheel repo keys; if not, restore its root role: hosts trust no other. To try something out, --repo development needs neither\n",
  ]);
  expect(pinwheel(desk, "keys", "--type", "ed25519")[0]).toBe(0);
  expect([desk.list("keys"), desk.list("roles")]).toEqual([["default.pem"], ["default.root.json"]]);

  const [code, stdout, stderr] = pinwheel(desk, "build", VARIANT);
  expect([code, stdout]).toEqual([0, "build/repos/default/pinwheel-1.0.0-0123abcd\n"]);
  expect(stderr).toContain("✓ metadata ");
  expect(readlinkSync(desk.path("build/repos/default/latest"))).toBe("pinwheel-1.0.0-0123abcd");
  const parts = ["-boot.ext4.lz4", "-root.ext4.lz4", "-root.verity.lz4"].map((part) => full + part);
  const targets = desk.list("build/repos/default/latest/targets").map((name) => name.slice(65));
  expect(targets.sort()).toEqual([...parts, ...more, "manifest.json"].sort());

  const [valid] = pinwheel(desk, "validate", VARIANT, "--from", "build/repos/default/latest");
  expect(valid).toBe(0);
  expect(pinwheel(desk, "plan", "--svg", "plan.svg")[0]).toBe(0);
  expect(desk.list()).toContain("plan.svg");
});

test("a command that is interrupted leaves neither metadata nor half a target", async () => {
  using desk = new Desk();
  await desk.start();
  await desk.build("1.0.0");
  desk.release("1.0.0");
  const pipe = desk.path("slow");
  Bun.spawnSync(["mkfifo", pipe]);
  const options = ["--images", "images", "--root", "root.json", "--out", "out", "--target", "slow"];
  const child = Bun.spawn([process.execPath, tool, "repo", "build", VARIANT, ...options], {
    cwd: desk.directory,
    stderr: "pipe",
  });
  const writer = await open(pipe, "w"); // opened once the other side is: it has come to this target
  await writer.write("first part");
  child.kill("SIGINT");
  const feed = async () => {
    // However long the signal takes to be noticed.
    while (child.exitCode === null) await writer.write("more").then(() => Bun.sleep(10));
  };
  const fed = feed().catch((thrown) => {
    if (thrown.code !== "EPIPE") throw thrown; // nobody reads any more
  });
  const [stderr] = await Promise.all([new Response(child.stderr).text(), child.exited, fed]);
  await writer.close();
  expect(child.exitCode).toBe(1);
  expect(stderr).toContain("error: Interrupted; nothing was published\n");
  expect(desk.list("out")).toEqual(["targets"]);
  expect(desk.list("out", "targets").map((name) => name.slice(65))).toEqual(
    expect.arrayContaining([expect.stringMatching(/-boot\.ext4\.lz4$/)]),
  );
  for (const name of desk.list("out", "targets")) expect(name).toMatch(/^[0-9a-f]{64}\./);
});
