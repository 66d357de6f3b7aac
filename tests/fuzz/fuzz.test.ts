import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { loadedVariant } from "../settings/variants.ts";
import type { Outcome } from "./exchange.ts";
import { problemOf } from "./judge.ts";
import { attempts } from "./requests.ts";

describe("what fuzzing finds", () => {
  const right = { bytes: new Uint8Array(), pieces: 1, replies: 1, hangsUp: false };
  const broken = { ...right, replies: undefined, hangsUp: true };
  const answered = (status: number, body = ""): Outcome => ({
    replies: [{ status, body }],
    ended: "answered",
  });
  const nothing = (ended: Outcome["ended"]): Outcome => ({ replies: [], ended });
  const noRoom = "Bodies of 67108864 bytes together are on their way already; send this one again later";

  const table: [situation: string, attempt: typeof right | typeof broken, Outcome, problem?: string][] = [
    ["an answer in JSON is right", right, answered(200, "{}")],
    ["an answer that is no JSON", right, answered(200, "{"), "status 200 without JSON: {"],
    ["a refusal is right", right, answered(400, "no")],
    ["a failure of the server", right, answered(500, "oh"), "status 500: oh"],
    ["a failure of the server after a broken request", broken, answered(500, "oh"), "status 500: oh"],
    ["no room for one more body is right", right, answered(503, noRoom)],
    ["another 503", right, answered(503, "busy"), "status 503: busy"],
    ["a protocol that is not spoken is right for a broken request", broken, answered(505)],
    ["a protocol that is not spoken", right, answered(505), "status 505: "],
    ["no answer to a broken request is right", broken, nothing("hung up")],
    ["no answer to a right request", right, nothing("hung up"), "0 replies, not 1"],
    ["a hang", right, nothing("timed out"), "not answered in time"],
    ["a hang after a broken request", broken, nothing("timed out"), "not answered in time"],
  ];
  for (const [situation, attempt, outcome, problem] of table) {
    test(situation, () => expect(problemOf(attempt, outcome)).toBe(problem as string));
  }
});

test("the same seed makes the same requests, and another one others", async () => {
  const { model } = await loadedVariant("metal-k8s-1.24");
  const made = (seed: number) => fc.sample(attempts(model), { seed, numRuns: 20 });
  expect(made(7)).toEqual(made(7));
  expect(made(8)).not.toEqual(made(7));
});
