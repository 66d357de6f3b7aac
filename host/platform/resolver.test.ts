import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { writeResolver } from "./resolver.ts";

let root: string;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), "pinwheel-resolver-"));
  await mkdir(join(root, "etc"));
});
afterEach(() => rm(root, { recursive: true }));

const configured = (server: string) =>
  writeFile(join(root, "etc/netdog.toml"), `name-servers = ["${server}"]\n`);

/** Writes resolv.conf; what the API is asked to change, and what is said. */
async function write(settings: object, applyStatus = 204) {
  const posted: string[] = [];
  const call = async (method: string, uri: string) => {
    if (method === "POST") posted.push(uri);
    return method === "POST"
      ? { status: applyStatus, body: "no" }
      : { status: 200, body: JSON.stringify({ settings }) };
  };
  return { remarks: await writeResolver({ root, call }), posted };
}

describe("/etc/hosts is rendered again", () => {
  const named = { network: { hostname: "n1" } };
  test("when name servers came, and only then", async () => {
    await configured("9.9.9.9");
    expect((await write(named)).posted).toEqual(["/tx/apply?keys=settings.network.hosts"]);
    expect((await write(named)).posted).toEqual([]);
    await configured("9.9.9.8");
    expect((await write(named)).posted).toHaveLength(1);
  });
  test("not on a host without a hostname: there is nothing to look up", async () => {
    await configured("9.9.9.9");
    expect((await write({})).posted).toEqual([]);
  });
  test("or a warning says why not, and resolv.conf is written all the same", async () => {
    await configured("9.9.9.9");
    const { remarks } = await write(named, 500);
    expect(remarks).toEqual([
      {
        level: "warn",
        problem: expect.objectContaining({
          source: "netdog write-resolv-conf",
          problem: "/etc/hosts is not rendered again: status 500: no",
        }),
      },
    ]);
    expect(await Bun.file(join(root, "etc/resolv.conf")).text()).toBe("nameserver 9.9.9.9\n");
  });
});

test("without DNS settings it says that everything comes from DHCP", async () => {
  expect((await write({})).remarks).toEqual([
    { level: "info", text: "settings.dns is not set; /etc/resolv.conf follows DHCP" },
  ]);
});
