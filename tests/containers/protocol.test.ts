/**
 * The protocol that host-ctr speaks is that of the containerd in the image. Where it is not any more:
 * `bun image/containerd-protocol.ts <cache>/container-tools/KEY/root/usr/share/containerd-source/usr/share/gocode/src`
 */
import { expect, it } from "bun:test";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { containerdProtocol, PROTOCOL_FILE } from "../../image/containerd-protocol.ts";
import { containerTools, PROTOCOL_SOURCES } from "./support/tools.ts";

it("what is committed is made from the protocol files of Debian's package", async () => {
  const made: unknown = JSON.parse(await containerdProtocol(join(await containerTools(), PROTOCOL_SOURCES)));
  const committed: unknown = JSON.parse(
    await readFile(join(import.meta.dirname, "../..", PROTOCOL_FILE), "utf8"),
  );
  expect(committed).toEqual(made);
});
