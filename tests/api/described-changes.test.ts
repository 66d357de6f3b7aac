/** The same for what is beyond the reference: unsetting, trials, previews and outcomes. */
import { afterAll, beforeAll, describe, expect, it } from "bun:test";
import { mkdir, rm } from "node:fs/promises";
import { TestRoot } from "./support/root.ts";
import { RunningServer } from "./support/server.ts";

const STORE = "var/lib/bottlerocket/datastore/current";
const HISTORY = "run/pinwheel/apply-history.json";

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

/** Does something while a file cannot be replaced: something is mounted on it, where the server sees it. */
async function whileStuck(path: string, what: () => Promise<void>): Promise<void> {
  const inNamespace = async (...command: string[]) => {
    const child = Bun.spawn(["nsenter", "--mount", `--target=${server.pid}`, ...command]);
    expect(await child.exited).toBe(0);
  };
  await inNamespace("mount", "--bind", root.at(path), root.at(path));
  try {
    await what();
  } finally {
    await inNamespace("umount", root.at(path));
  }
}

async function expectAnswer(request: string, status: number, begins: string): Promise<void> {
  const [method = "", uri = ""] = request.split(" ");
  const answer = await server.ask(method, uri);
  expect([request, answer.status]).toEqual([request, status]);
  expect(answer.body).toStartWith(begins);
}

describe("the real server", () => {
  const answers: [request: string, status: number, begins: string][] = [
    ["DELETE /settings", 400, "The parameter keys is missing"],
    ["DELETE /settings?keys=settings.nope", 400, "Nothing was staged, because of:"],
    ["DELETE /settings?keys=settings.updates.seed", 404, "Nothing is set at or below settings.updates.seed"],
    ["GET /tx/applied?id=", 400, "The parameter id is empty"],
    ["GET /tx/diff?tx=", 400, "The parameter tx cannot name a transaction"],
    ["POST /tx/commit?try=0", 400, 'The parameter try is "0"'],
    ["POST /tx/confirm", 404, "No trial runs"],
    ["POST /tx/revert", 404, "No trial runs"],
  ];
  for (const [request, status, begins] of answers) {
    it(`answers ${request} with ${status}: ${begins}`, () => expectAnswer(request, status, begins));
  }

  it("says so when it cannot store what is to be unset", async () => {
    await server.ask("PATCH", "/settings?tx=stuck", '{"motd":"x"}');
    const request = "DELETE /settings?tx=stuck&keys=settings.motd";
    await whileStuck(`${STORE}/pending/stuck.json`, () =>
      expectAnswer(request, 500, 'Unsetting settings in transaction "stuck" failed: '),
    );
    await server.ask("DELETE", "/tx?tx=stuck");
  });

  it("refuses either commit during a trial, and keeps what is confirmed", async () => {
    await server.ask("PATCH", "/settings?tx=tried", '{"motd":"tried"}');
    await expectAnswer("POST /tx/commit?tx=tried&try=60", 200, '["settings.motd"]');
    await expectAnswer("GET /tx/trial", 200, '{"keys":["settings.motd"],"seconds":60,');
    await server.ask("PATCH", "/settings?tx=late", '{"motd":"late"}');
    for (const commit of ["/tx/commit?tx=late", "/tx/commit_and_apply?tx=late"]) {
      await expectAnswer(
        `POST ${commit}`,
        409,
        "Nothing was committed, because a trial of settings.motd runs",
      );
    }
    await expectAnswer("POST /tx/confirm", 200, '["settings.motd"]');
    await server.ask("DELETE", "/tx?tx=late");
  });

  it("says so when the end of a trial cannot be stored", async () => {
    await server.ask("PATCH", "/settings?tx=tried", '{"motd":"again"}');
    await expectAnswer("POST /tx/commit?tx=tried&try=60", 200, '["settings.motd"]');
    await whileStuck(`${STORE}/live.json`, async () => {
      for (const end of ["confirm", "revert"])
        await expectAnswer(`POST /tx/${end}`, 500, "Ending the trial failed: ");
    });
    await expectAnswer("POST /tx/revert", 200, '["settings.motd"]');
  });

  it("says so when the files of a preview cannot be rendered", async () => {
    await server.ask("PATCH", "/settings?tx=shown", '{"motd":"shown"}');
    // The applier of these tests renders nothing.
    await expectAnswer(
      "GET /tx/diff?tx=shown",
      500,
      'Comparing transaction "shown" with what is live failed: ',
    );
    await server.ask("DELETE", "/tx?tx=shown");
  });

  it("says so when the record of changes cannot be read", async () => {
    await rm(root.at(HISTORY), { force: true });
    await mkdir(root.at(HISTORY), { recursive: true });
    for (const uri of ["/tx/applied", "/apply/report"])
      await expectAnswer(`GET ${uri}`, 500, "Reading what became of changes failed: ");
    await rm(root.at(HISTORY), { recursive: true });
  });
});
