import { describe, expect, it } from "bun:test";
import type { CallApi } from "../apply/index.ts";
import type { BootstrapMode } from "./bootstrap-containers.ts";
import { markBootstrap } from "./mark-bootstrap.ts";

const declared = (mode?: BootstrapMode) =>
  mode === undefined ? {} : { "bootstrap-containers": { prepare: { source: "r.example/a:1", mode } } };

/** Marks with an API that answers changes with these statuses in turn, and then always with 204. */
function mark(mode: BootstrapMode, ...statuses: readonly number[]) {
  return markWhere(declared(mode), mode, ...statuses);
}

/** The same where these settings are live. */
async function markWhere(settings: object, mode: BootstrapMode, ...statuses: readonly number[]) {
  const requests: string[] = [];
  const transactions = new Set<string>();
  const left = [...statuses];
  const call: CallApi = async (method, uri, body) => {
    if (method === "GET") {
      requests.push(`GET ${uri}`);
      return { status: 200, body: JSON.stringify(settings) };
    }
    const [path = "", transaction = ""] = uri.split("?tx=");
    requests.push([method, path, body].filter((part) => part !== undefined).join(" "));
    transactions.add(transaction);
    return { status: left.shift() ?? 204, body: "no" };
  };
  const error = await markBootstrap(call, "prepare", mode).then(
    () => "",
    (thrown: unknown) => (thrown instanceof Error ? thrown.message : String(thrown)),
  );
  return { requests, transactions: [...transactions], error };
}

const look = "GET /settings?prefix=bootstrap-containers.prepare.";
const patch = 'PATCH /settings {"bootstrap-containers":{"prepare":{"mode":"off"}}}';

describe("containers Check 10: marking a bootstrap container", () => {
  it("that runs at every boot asks the API nothing", async () => {
    expect((await mark("always")).requests).toEqual([]);
  });

  for (const mode of ["once", "off"] as const) {
    it(`that ran in mode ${mode} sets its mode to off, in a transaction of its own`, async () => {
      const { requests, transactions, error } = await mark(mode);
      expect(error).toBe("");
      expect(requests).toEqual([look, patch, "POST /tx/commit_and_apply"]);
      expect(transactions).toEqual([expect.stringMatching(/^apiclient-set-[0-9a-zA-Z]+$/)]);
      expect((await mark(mode)).transactions).not.toEqual(transactions);
    });
  }

  it("that was taken away while it ran does not bring half of it back", async () => {
    expect(await markWhere(declared(), "once")).toMatchObject({ requests: [look], error: "" });
  });

  it("that got another mode while it ran keeps that", async () => {
    expect(await markWhere(declared("always"), "once")).toMatchObject({ requests: [look], error: "" });
  });

  it("that the API refuses is an error, and nothing stays pending", async () => {
    expect(await mark("once", 400)).toMatchObject({
      requests: [look, patch, "DELETE /tx"],
      error:
        "The mode of bootstrap container prepare is not off yet: PATCH /settings answered status 400: no",
    });
    expect(await mark("once", 204, 500)).toMatchObject({
      requests: [look, patch, "POST /tx/commit_and_apply", "DELETE /tx"],
      error:
        "The mode of bootstrap container prepare is not off yet: POST /tx/commit_and_apply answered status 500: no",
    });
  });
});
