import { describe, expect, it } from "bun:test";
import fc from "fast-check";
import { parseControl, reasonText } from "./messages.ts";

describe("a control message of a client (api 7.3)", () => {
  const bytes = (text: string) => new Uint8Array(Buffer.from(text));
  const uptime = { kind: "initialize", command: [bytes("uptime"), bytes("-p")], target: "admin" };
  const command = '[{"Unix":[117,112,116,105,109,101]},{"Unix":[45,112]}]';
  const understood: [text: string, message: object][] = [
    [`{"Initialize":{"command":${command},"target":"admin"}}`, uptime],
    [`{"Initialize":{"command":${command},"target":"admin","tty":null,"more":1}}`, uptime],
    [`{"Initialize":{"command":${command},"target":"admin","tty":{}}}`, { ...uptime, tty: {} }],
    [`{"Initialize":{"command":${command},"target":"admin","tty":{"size":null}}}`, { ...uptime, tty: {} }],
    [
      `{"Initialize":{"command":${command},"target":"admin","tty":{"size":{"rows":40,"cols":65535}}}}`,
      { ...uptime, tty: { size: { rows: 40, cols: 65_535 } } },
    ],
    ['{"Winch":{"rows":0,"cols":100,"more":1}}', { kind: "winch", size: { rows: 0, cols: 100 } }],
    ['"ContentComplete"', { kind: "content-complete" }],
  ];
  for (const [text, message] of understood) {
    it(text, () => expect(parseControl(text)).toEqual(message as never));
  }

  const wrong: [text: string, why: string][] = [
    ["{", "JSON Parse error: Expected '}'"],
    ["{}", "expected Initialize, Winch or ContentComplete"],
    ['"Stop"', "expected an object or ContentComplete"],
    ["[]", "expected an object or ContentComplete"],
    ['{"Winch":{"rows":1,"cols":1},"Initialize":{}}', "expected an object with one key"],
    ['{"Winch":{"rows":1}}', "Winch needs rows and cols, each 0 to 65535"],
    ['{"Winch":{"rows":65536,"cols":1}}', "Winch needs rows and cols, each 0 to 65535"],
    ['{"Winch":{"rows":-1,"cols":1}}', "Winch needs rows and cols, each 0 to 65535"],
    ['{"Initialize":[]}', "Initialize needs an object"],
    ['{"Initialize":{"command":[]}}', "Initialize needs target, a string"],
    ['{"Initialize":{"target":"x"}}', 'Initialize needs command, a list of {"Unix": bytes}'],
    ['{"Initialize":{"target":"x","command":["ls"]}}', 'Initialize needs command, a list of {"Unix": bytes}'],
    [
      '{"Initialize":{"target":"x","command":[{"Unix":[256]}]}}',
      'Initialize needs command, a list of {"Unix": bytes}',
    ],
    ['{"Initialize":{"target":"x","command":[],"tty":1}}', "tty is neither null nor an object"],
    [
      '{"Initialize":{"target":"x","command":[],"tty":{"size":1}}}',
      "tty.size needs rows and cols, each 0 to 65535",
    ],
  ];
  for (const [text, why] of wrong) {
    it(`${text} is refused`, () =>
      expect(parseControl(text)).toEqual({ problem: `Invalid JSON in a control message: ${why}` }));
  }

  it("of any other kind is refused too, and never throws", () => {
    fc.assert(fc.property(fc.json(), (text) => "problem" in parseControl(text)));
  });
});

it("a close reason has at most 123 bytes and is cut at a whole character", () => {
  expect(reasonText("x".repeat(123))).toBe("x".repeat(123));
  expect(reasonText("x".repeat(124))).toBe("x".repeat(123));
  expect(reasonText(`${"x".repeat(122)}é`)).toBe("x".repeat(122));
});
