import { describe, expect, test } from "bun:test";
import { awaitAddress } from "./await-address.ts";
import { networkFailure } from "./network/failures.ts";

const noAddress = () => networkFailure("network/no-address", { name: "eno1" });
const cardAbsent = () => networkFailure("network/primary-absent", { macAddress: "f8:75:a4:d5:32:64" });
const noPrimary = () => networkFailure("network/no-primary", { nameFile: "a", macFile: "b" });

/** Asks for an address, each time with the next of these answers; the last one stays. */
async function wait(answers: readonly (() => Error | string)[], timeoutMs: number) {
  const asked: string[] = [];
  const result = await awaitAddress(
    async (accept) => {
      const answer = answers[Math.min(asked.length, answers.length - 1)]?.();
      asked.push(accept);
      if (answer instanceof Error) throw answer;
      return `${answer} (${accept})`;
    },
    { timeoutMs, pollMs: 1 },
  ).catch((error: Error) => error.message);
  return { asked: asked.length, result };
}

describe("waiting for the address", () => {
  test("ends with the first address of a required family", async () => {
    expect(await wait([noAddress, noAddress, () => "10.0.0.2"], 10_000)).toEqual({
      asked: 3,
      result: "10.0.0.2 (required)",
    });
  });
  test("goes on while the network card is not there yet", async () => {
    expect((await wait([cardAbsent, () => "10.0.0.2"], 10_000)).result).toBe("10.0.0.2 (required)");
  });
  test("at the deadline takes what there is", async () => {
    expect((await wait([() => "fd00::1"], 0)).result).toBe("fd00::1 (any)");
    expect((await wait([noAddress], 5)).result).toStartWith("The primary interface eno1 has no IP address");
  });
  test("does not wait for what cannot come", async () => {
    expect(await wait([noPrimary], 10_000)).toEqual({
      asked: 1,
      result: "There is no primary interface: neither a nor b exists",
    });
  });
});
