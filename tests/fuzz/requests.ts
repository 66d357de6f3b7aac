/** Arbitrary requests to the API: as its clients send them, wrong in what they say, and broken as HTTP. */
import fc from "fast-check";
import { endpoints } from "../../host/api/description/endpoints.ts";
import type { Json, Model } from "../../host/settings/index.ts";
import { fullDocuments, mutated, smallDocuments } from "../settings/documents.ts";

/** What is sent on one connection, and how. */
export interface Attempt {
  readonly bytes: Uint8Array;
  /** In how many pieces, with a moment between them. */
  readonly pieces: number;
  /** How many replies must come; undefined where anything may come, a hang-up too. */
  readonly replies: number | undefined;
  /** The client goes away after its last byte, without waiting for a reply. */
  readonly hangsUp: boolean;
}

/**
 * Names are drawn from few ones wherever the server keeps what they name: otherwise its memory would grow by what it
 * is told to keep.
 */
const transactions = fc.constantFrom(
  ...["default", "a", "b", "c", "bottlerocket-launch", "ü", "a/b", "..", "%", "x".repeat(200), "%00"],
);
const otherNames = fc.constantFrom(
  ...["nope", "__proto__", "constructor", "", "a.b", "é", "\n", "x".repeat(300), "motd", "settings", "0"],
);

const latin = (text: string): Uint8Array => Buffer.from(text, "latin1");

/** @param model  of the variant that the server runs */
export function attempts(model: Model): fc.Arbitrary<Attempt> {
  const bodies = bodiesFor(model);
  const right = rightRequests(model, bodies);
  const cut = fc
    .tuple(right, fc.double({ min: 0, max: 1, noNaN: true }), fc.boolean())
    .map(([bytes, share, hangsUp]): Attempt => {
      const part = bytes.subarray(0, Math.floor(bytes.length * share));
      return { bytes: part, pieces: 1, replies: undefined, hangsUp: hangsUp || part.length === bytes.length };
    });
  // A body that never comes is waited for, by the server too, as long as a slow client may take: a few of them do.
  const cutOff = cut.map((attempt) => ({ ...attempt, hangsUp: true }));
  return fc.oneof(
    { weight: 700, arbitrary: right.map((bytes) => ({ bytes, pieces: 1, replies: 1, hangsUp: false })) },
    {
      weight: 60,
      arbitrary: fc
        .tuple(right, fc.integer({ min: 2, max: 5 }))
        .map(([bytes, pieces]) => ({ bytes, pieces, replies: 1, hangsUp: false })),
    },
    {
      weight: 60,
      arbitrary: fc
        .array(right, { minLength: 2, maxLength: 4 })
        // The runtime hangs up on a client that sends on before it has its reply, if that takes any time.
        .map((all) => ({ bytes: Buffer.concat(all), pieces: 1, replies: undefined, hangsUp: true })),
    },
    { weight: 80, arbitrary: cutOff },
    { weight: 1, arbitrary: cut },
    { weight: 100, arbitrary: brokenRequests(model, bodies) },
  );
}

function rightRequests(model: Model, bodies: fc.Arbitrary<Uint8Array>): fc.Arbitrary<Uint8Array> {
  const endpoint = fc.constantFrom(...Object.keys(endpoints).map((route) => route.split(" ")));
  // Most changes are changes of settings and their commits.
  const change = fc.constantFrom(["PATCH", "/settings"], ["PATCH", "/settings"], ["POST", "/tx/commit"]);
  const types = fc.constantFrom(
    ...["application/json", "application/json", "application/json; charset=utf-8", "text/plain", ""],
  );
  return fc
    .tuple(fc.oneof(endpoint, change), queriesFor(model), types, bodies, fc.boolean())
    .map(([[method = "GET", path = "/"], query, type, body, chunked]) => {
      const target = query === "" ? path : `${path}?${query}`;
      const head = [`${method} ${target} HTTP/1.1`, "Host: localhost"];
      if (type !== "") head.push(`Content-Type: ${type}`);
      const sent = method === "GET" ? new Uint8Array() : body;
      if (chunked && method !== "GET") {
        const ending = latin(`\r\n0\r\n\r\n`);
        const size = sent.length === 0 ? latin("0\r\n\r\n") : undefined;
        head.push("Transfer-Encoding: chunked", "", "");
        const first = latin(head.join("\r\n"));
        if (size !== undefined) return Buffer.concat([first, size]);
        return Buffer.concat([first, latin(`${sent.length.toString(16)}\r\n`), sent, ending]);
      }
      if (sent.length > 0) head.push(`Content-Length: ${sent.length}`);
      head.push("", "");
      return Buffer.concat([latin(head.join("\r\n")), sent]);
    });
}

function queriesFor(model: Model): fc.Arbitrary<string> {
  const keys = fc.constantFrom(...model.defaults.keys(), "settings", "settings.kubernetes", "services.motd");
  const texts = fc.oneof(
    { weight: 6, arbitrary: fc.array(keys, { minLength: 1, maxLength: 5 }).map((all) => all.join(",")) },
    { weight: 2, arbitrary: fc.string({ unit: "binary", maxLength: 40 }) },
    {
      weight: 1,
      arbitrary: fc.constantFrom("", ",", 'a."b', "a".repeat(300), "a,".repeat(1000), '"', "..", "settings."),
    },
  );
  const escaped = texts.map((text) => encodeURIComponent(text));
  const raw = fc.stringMatching(/^[%a-f0-9+&=,."/;]{0,20}$/);
  const parameter = fc.oneof(
    fc
      .tuple(
        fc.constantFrom("keys", "prefix", "names", "x"),
        fc.oneof({ weight: 9, arbitrary: escaped }, { weight: 1, arbitrary: raw }),
      )
      .map(([name, value]) => `${name}=${value}`),
    transactions.map((name) => `tx=${encodeURIComponent(name)}`),
    fc.constantFrom("try=10", "try=30", "try=0", "try=x", "try=99999999999", "id=", "id=1", "id=..%2Fx"),
  );
  return fc.oneof(
    { weight: 3, arbitrary: fc.constant("") },
    { weight: 5, arbitrary: fc.array(parameter, { minLength: 1, maxLength: 3 }).map((all) => all.join("&")) },
  );
}

function bodiesFor(model: Model): fc.Arbitrary<Uint8Array> {
  const known = new Map<string, fc.Arbitrary<string>>();
  const names = (segments: readonly string[], all: fc.Arbitrary<string>) => {
    const key = segments.join(" ");
    const few = known.get(key) ?? fc.constantFrom(...new Set(fc.sample(all, { numRuns: 4, seed: 1 })));
    known.set(key, few);
    return few;
  };
  const documents = fullDocuments(model.declaration, { names });
  const some = smallDocuments(model.declaration, { names, most: 3 });
  const json = (value: Json) => Buffer.from(JSON.stringify(value));
  return fc.oneof(
    { weight: 30, arbitrary: some.map(json) },
    { weight: 5, arbitrary: documents.map(json) },
    { weight: 30, arbitrary: some.chain((document) => mutated(document, otherNames)).map(json) },
    { weight: 5, arbitrary: fc.json({ maxDepth: 5 }).map((text) => Buffer.from(text)) },
    { weight: 5, arbitrary: fc.uint8Array({ maxLength: 100 }) },
    {
      weight: 5,
      arbitrary: some.chain((document) => {
        const whole = json(document);
        return fc.nat(whole.length).map((length) => whole.subarray(0, length));
      }),
    },
    {
      weight: 1,
      arbitrary: fc
        .constantFrom(
          "[".repeat(100_000),
          `${'{"a":'.repeat(20_000)}1${"}".repeat(20_000)}`,
          `{"motd":"${"x".repeat(1_000_000)}"}`,
          `{"dns":{"name-servers":["${"1:".repeat(900_000)}"]}}`,
          `{"kubernetes":{"cluster-certificate":"${"aaaa".repeat(450_000)}!"}}`,
          `{"motd":${"9".repeat(1_000_000)}}`,
          `{${Array.from({ length: 19_000 }, (_, at) => `"kernell${at}":1`)}}`,
          `{"ntp":{"time-servers":[${"1,".repeat(19_000)}1]}}`,
          `{"motd":[${"1,".repeat(1_000_000)}1]}`,
          " ".repeat(2_097_153),
        )
        .map((text) => Buffer.from(text)),
    },
  );
}

function brokenRequests(model: Model, bodies: fc.Arbitrary<Uint8Array>): fc.Arbitrary<Attempt> {
  const method = fc.constantFrom(
    ..."GET PATCH POST DELETE PUT HEAD OPTIONS TRACE CONNECT get G,T".split(" "),
    "",
  );
  const paths = fc.oneof(
    fc.constantFrom(...Object.keys(endpoints).map((route) => route.split(" ")[1] ?? "/")),
    fc.constantFrom(
      "",
      "*",
      "//",
      "/settings/",
      "/SETTINGS",
      "/settings%00",
      "http://x/settings",
      "/../tx",
      "/ü",
    ),
    fc.webPath(),
  );
  const version = fc.constantFrom("HTTP/1.1", "HTTP/1.0", "HTTP/2.0", "HTTP/9", "", "http/1.1");
  const header = fc.oneof(
    fc.constantFrom(
      ...["Content-Length: 5", "Content-Length: -1", "Content-Length: 99999999999999", "Content-Length: x"],
      ...["Transfer-Encoding: chunked", "Transfer-Encoding: gzip", "Expect: 100-continue", "Host:", ": x"],
      ...[
        "Connection: close",
        "Upgrade: websocket\r\nConnection: Upgrade",
        "X",
        "\0: \0",
        " folded",
        "A\tB: c",
      ],
      `X: ${"y".repeat(20_000)}`,
    ),
    fc.string({ unit: "binary-ascii", maxLength: 30 }),
  );
  const ends = fc.constantFrom("\r\n", "\r\n", "\n", "\r", "");
  const grammar = fc
    .tuple(method, paths, queriesFor(model), version, fc.array(header, { maxLength: 4 }), ends, bodies)
    .map(([name, path, query, spoken, headers, end, body]) => {
      const head = [`${name} ${path}?${query} ${spoken}`, ...headers, "", ""].join(end);
      return Buffer.concat([Buffer.from(head), body.subarray(0, 2000)]);
    });
  const bytes = fc.oneof(
    { weight: 4, arbitrary: grammar },
    { weight: 1, arbitrary: fc.uint8Array({ maxLength: 300 }) },
  );
  return bytes.map((sent) => ({ bytes: sent, pieces: 1, replies: undefined, hangsUp: true }));
}
