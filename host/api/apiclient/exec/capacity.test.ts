import { describe, expect, it } from "bun:test";
import { Capacity } from "./capacity.ts";

const message = (most: number, written: number) =>
  JSON.stringify({ Capacity: { max_messages_outstanding: most, messages_written: written } });

/** How many messages may be sent until somebody has to wait. */
async function free(capacity: Capacity, most: number): Promise<number> {
  let taken = 0;
  for (let n = 0; n < most; n++) void capacity.take().then(() => (taken += 1));
  await Bun.sleep(0);
  return taken;
}

describe("what a client may send (api 7.5)", () => {
  it("is nothing before the server has said how much", async () => {
    expect(await free(new Capacity(), 1)).toBe(0);
  });

  it("stays strictly below the server's number, and grows with what is written", async () => {
    const capacity = new Capacity();
    expect(capacity.announce(message(8, 0))).toBeUndefined();
    expect(await free(capacity, 7)).toBe(7);
    let eighth = false;
    const waiting = capacity.take().then(() => {
      eighth = true;
    });
    await Bun.sleep(0);
    expect(eighth).toBe(false);
    expect(capacity.announce(message(8, 1))).toBeUndefined();
    await waiting;
  });

  for (const [text, problem] of [
    [message(8, 1), "the server says that it has written 1 messages, but 0 were sent"],
    ["{", "the server sent something that is no capacity: {"],
    ["null", "the server sent something that is no capacity: null"],
    [
      '{"Capacity":{"messages_written":0}}',
      'the server sent something that is no capacity: {"Capacity":{"messages_written":0}}',
    ],
  ] as const) {
    it(`is refused with ${text}`, () => expect(new Capacity().announce(text)).toBe(problem));
  }
});
