/** The lines of docker-registry's access log, as it writes them. */
import { expect, it } from "bun:test";
import { manifestAskedFor, wasSent } from "./pulled.ts";

const line = (request: string, status: number) =>
  `127.0.0.1 - - [27/Nov/2026:00:02:34 +0000] "${request} HTTP/1.1" ${status} 824 "" "Bun/1.4.5"\n`;
const log = [
  line("GET /v2/pinwheel-control/manifests/1.11.1", 200),
  line("HEAD /v2/pinwheel-admin/manifests/1.11.1", 200),
  line("GET /v2/pinwheel-admin/manifests/sha256:aa", 200),
  line("GET /v2/pinwheel-admin/blobs/sha256:bb", 200),
  line("GET /v2/pinwheel-admin/blobs/sha256:cc", 206),
  line("GET /v2/pinwheel-admin/blobs/sha256:dd", 404),
  line("HEAD /v2/pinwheel-admin/blobs/sha256:ee", 200),
].join("");

it("the manifest is the one that a guest asked for last, of this image", () => {
  expect(manifestAskedFor(log, "pinwheel-admin")).toBe("/v2/pinwheel-admin/manifests/sha256:aa");
  expect(manifestAskedFor(log, "pinwheel-control")).toBe("/v2/pinwheel-control/manifests/1.11.1");
  expect(manifestAskedFor(log, "pinwheel-other")).toBeUndefined();
});

it("a part was sent when its answer was complete, also the rest of it; asking for its size alone does not count", () => {
  const sent = ["bb", "cc", "dd", "ee", "ff"].filter((name) =>
    wasSent(log, "pinwheel-admin", `sha256:${name}`),
  );
  expect(sent).toEqual(["bb", "cc"]);
  expect(wasSent(log, "pinwheel-control", "sha256:bb")).toBe(false);
});
