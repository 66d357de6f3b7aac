import { afterAll, describe, expect, it } from "bun:test";
import { chmodSync, mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { refuseOwnDiskOptions, requireWritableDisk } from "./given-disk.ts";

const directory = realpathSync(mkdtempSync(join(tmpdir(), "pinwheel-disk-")));
const images = join(directory, "images");
afterAll(() => rmSync(directory, { recursive: true }));

function file(name: string, mode: number): string {
  const path = join(directory, name);
  writeFileSync(path, "");
  chmodSync(path, mode);
  return path;
}

describe("a disk that a machine is to use as it is", () => {
  it("is taken when it may be written to", async () => {
    await requireWritableDisk(file("mine.img", 0o600), images);
  });

  it("is refused when nobody may write to it, by root too", () => {
    const disk = file("image.img", 0o444);
    expect(requireWritableDisk(disk, images)).rejects.toThrow(
      `${disk} is not to be changed, and a virtual machine writes into its disk`,
    );
  });

  it("is refused when it is what a build left, also under another name", () => {
    mkdirSync(images);
    file("images/built.img", 0o644);
    const link = join(directory, "latest.img");
    symlinkSync(join(images, "built.img"), link);
    expect(requireWritableDisk(link, images)).rejects.toThrow(`${link} is not to be changed`);
  });

  it("is refused when it is not there", () => {
    expect(requireWritableDisk(join(directory, "none"), images)).rejects.toThrow("There is no disk image");
  });

  it("is refused together with what only a new disk gets: silently leaving that out helps nobody", () => {
    const refuse = () => refuseOwnDiskOptions("d.img", { userData: "u.toml", net: "n.toml", fresh: true });
    expect(refuse).toThrow("d.img is used as it is, so --user-data, --net, --fresh cannot be obeyed");
    refuseOwnDiskOptions("d.img", {});
  });
});
