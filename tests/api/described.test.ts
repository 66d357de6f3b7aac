/**
 * Answers that no other test asks the real server for, or only by chance, each as the description of the API has it.
 */
import { afterAll, beforeAll, describe, expect, it } from "bun:test";
import { mkdir, rm } from "node:fs/promises";
import { openApiText } from "../../host/api/description/document.ts";
import { TestRoot } from "./support/root.ts";
import { RunningServer } from "./support/server.ts";

const REPORT = "run/pinwheel/boot-report.json";
const PENDING = "var/lib/bottlerocket/datastore/current/pending";

let root: TestRoot;
let server: RunningServer;
beforeAll(async () => {
  root = await TestRoot.make();
  server = await RunningServer.start(root);
  await server.ask("POST", "/tx/commit?tx=bottlerocket-launch");
}, 300_000);
afterAll(async () => {
  await server?.end();
  await root?.remove();
});

/** Runs a command where the server's own mounts are. */
async function inNamespace(...command: string[]): Promise<void> {
  const child = Bun.spawn(["nsenter", "--mount", `--target=${server.pid}`, ...command]);
  expect(await child.exited).toBe(0);
}

describe("the real server", () => {
  const answers: [request: string, status: number, begins: string][] = [
    ["GET /?prefix=", 400, "The parameter prefix is empty"],
    ["GET /?prefix=services.ntp.restart", 400, "The prefix takes only a part of services.ntp"],
    ["GET /settings/schema", 200, '{"$schema":"https://json-schema.org/draft/2020-12/schema"'],
    [
      "GET /settings?keys=settings.motd.x",
      400,
      "The parameter keys holds settings.motd.x: nothing can be below",
    ],
    ["GET /tx?tx=", 400, "The parameter tx cannot name a transaction: it is empty"],
    ["DELETE /tx?tx=", 400, "The parameter tx cannot name a transaction: it is empty"],
    ["POST /tx/commit?tx=", 400, "The parameter tx cannot name a transaction: it is empty"],
    ["POST /tx/commit_and_apply?tx=none", 422, 'Transaction "none" has nothing pending to commit'],
    ["GET /os?prefix=", 400, "The parameter prefix is empty"],
    ["GET /services?names=ntp,,motd", 400, "The parameter names has an empty name"],
    ["GET /services?names=ntp,nope", 404, "services.nope is not defined"],
    [
      "GET /configuration-files?prefix=motd.path",
      400,
      "The prefix takes only a part of configuration-files.motd",
    ],
    ["GET /configuration-files?names=motd", 200, '{"motd":{"path":"/etc/motd",'],
    ["GET /configuration-files?names=nope", 404, "configuration-files.nope is not defined"],
    ["GET /metadata/affected-services?keys=settings.motd,settings.zzz", 200, '{"settings.motd":["motd"]}'],
    ["GET /metadata/affected-services", 400, "The parameter keys is missing"],
    ["GET /metadata/templates?keys=settings.updates.metadata-base-url", 200, '{"settings.updates.metadata-'],
    ["GET /metadata/templates", 400, "The parameter keys is missing"],
    ["GET /metadata/setting-generators", 200, '{"settings.updates.metadata-'],
    ["GET /apply/report", 404, "There is no report yet"],
    ["GET /docs/", 200, '{"openapi.json":"'],
    ["GET /docs", 404, ""],
    ["GET /docs/nope.json", 404, ""],
  ];
  for (const [request, status, begins] of answers) {
    const [method = "", uri = ""] = request.split(" ");
    it(`answers ${request} with ${status}: ${begins}`, async () => {
      const answer = await server.ask(method, uri);
      expect(answer.status).toBe(status);
      expect(answer.body).toStartWith(begins);
    });
  }

  it("describes itself as the repository does", async () => {
    expect(await server.ask("GET", "/docs/openapi.json")).toEqual({ status: 200, body: openApiText() });
  });

  it("refuses a change that breaks a rule between settings with either commit, and keeps it pending", async () => {
    const change = '{"cloudformation":{"should-signal":true,"stack-name":"web"}}';
    await server.ask("PATCH", "/settings?tx=rule", change);
    for (const commit of ["/tx/commit?tx=rule", "/tx/commit_and_apply?tx=rule"]) {
      const answer = await server.ask("POST", commit);
      expect(answer.status).toBe(400);
      expect(answer.body).toStartWith(
        "Nothing was committed, because of:\nsettings.cloudformation.logical-resource-id: ",
      );
    }
    expect((await server.ask("GET", "/tx?tx=rule")).body).toBe(change);
    await server.ask("DELETE", "/tx?tx=rule");
  });

  it("says so when a transaction cannot be discarded, and it stays pending", async () => {
    await server.ask("PATCH", "/settings?tx=kept", '{"motd":"kept"}');
    // What something is mounted on cannot be removed.
    const file = root.at(PENDING, "kept.json");
    await inNamespace("mount", "--bind", file, file);
    const answer = await server.ask("DELETE", "/tx?tx=kept");
    expect(answer.status).toBe(500);
    expect(answer.body).toStartWith('Discarding transaction "kept" failed: ');
    expect((await server.ask("GET", "/tx?tx=kept")).body).toBe('{"motd":"kept"}');
    await inNamespace("umount", file);
    expect((await server.ask("DELETE", "/tx?tx=kept")).body).toBe('["settings.motd"]');
  });

  it("says so when the boot report cannot be read", async () => {
    await mkdir(root.at(REPORT), { recursive: true });
    const answer = await server.ask("GET", "/boot/report");
    await rm(root.at(REPORT), { recursive: true });
    expect(answer.status).toBe(500);
    expect(answer.body).toStartWith(`The report cannot be read: /${REPORT}: EISDIR`);
  });

  it("does not look at a body where none is asked for, however long it is", async () => {
    const body = " ".repeat(3 * 1024 * 1024);
    expect(await server.ask("DELETE", "/tx?tx=none", body)).toEqual({ status: 200, body: "[]" });
    expect((await server.ask("POST", "/tx/commit?tx=none", body)).status).toBe(422);
  });

  it("does nothing for a request whose body is cut off, wherever that body means nothing", async () => {
    await server.ask("PATCH", "/settings?tx=cut", '{"motd":"cut"}');
    const head = "DELETE /tx?tx=cut HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\n";
    await server.raw(`${head}{}`, true);
    expect((await server.ask("GET", "/tx?tx=cut")).body).toBe('{"motd":"cut"}');
    await server.ask("DELETE", "/tx?tx=cut");
  });
});
