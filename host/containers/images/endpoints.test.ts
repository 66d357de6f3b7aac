import { describe, expect, it } from "bun:test";
import fc from "fast-check";
import { endpointsFor } from "./endpoints.ts";
import { parseRegistryConfig } from "./registry-config.ts";

const urls = (host: string, config: string) =>
  endpointsFor(host, parseRegistryConfig(config)).map(({ url }) => url);
const logins = (host: string, config: string) =>
  endpointsFor(host, parseRegistryConfig(config)).map(({ login }) => login);

describe("containers Check 16: the endpoints of a registry", () => {
  it("are the mirrors for all registries, in their order, and then the registry itself", () => {
    expect(urls("foo.example", '[mirrors."*"]\nendpoints = ["198.51.100.1", "cache.example"]')).toEqual([
      "https://198.51.100.1/v2",
      "https://cache.example/v2",
      "https://foo.example/v2",
    ]);
  });
  it("are registry-1.docker.io for docker.io", () =>
    expect(urls("docker.io", "")).toEqual(["https://registry-1.docker.io/v2"]));
  it("have http where a mirror is exactly a name of this host", () =>
    expect(
      urls(
        "a.example",
        '[mirrors."a.example"]\nendpoints = ["localhost", "127.0.0.1", "::1", "localhost:5000"]',
      ),
    ).toEqual([
      "http://localhost/v2",
      "http://127.0.0.1/v2",
      "http://[::1]/v2",
      "https://localhost:5000/v2",
      "https://a.example/v2",
    ]));
  it("keep the path that a mirror has", () =>
    expect(urls("a.example", '[mirrors."a.example"]\nendpoints = ["http://c.example/x"]')[0]).toBe(
      "http://c.example/x",
    ));
});

it("containers Check 17: an entry without endpoints keeps those for all registries away", () => {
  const config = '[mirrors."*"]\nendpoints = ["cache.example"]\n[mirrors."docker.io"]\nendpoints = []\n';
  expect(urls("docker.io", config)).toEqual(["https://registry-1.docker.io/v2"]);
});

it("containers 8.4.4: an endpoint that cannot be read fails, and is quoted", () => {
  const config = '[mirrors."*"]\nendpoints = ["http://"]';
  expect(() => urls("a.example", config)).toThrow('The endpoint "http://" of a registry is not an address');
});

describe("containers 8.4.6: what an endpoint is told to say who asks", () => {
  const basic = { kind: "password", username: "sam", password: "a:b" } as const;
  const table: [what: string, entry: string, login: object][] = [
    [
      "a name and a password come before anything else",
      'username="sam"\npassword="a:b"\nidentitytoken="t"',
      basic,
    ],
    ["then a token", 'identitytoken="t"\nauth="c2FtOmE6Yg=="', { kind: "token", identityToken: "t" }],
    ["then both in one", 'auth="c2FtOmE6Yg=="', basic],
    ["nothing otherwise", "", { kind: "anonymous" }],
  ];
  for (const [what, entry, login] of table) {
    it(what, () => expect(logins("a.example", `[creds."a.example"]\n${entry}`)).toEqual([login as never]));
  }
  it("both in one without a colon fails", () =>
    expect(() => logins("a.example", '[creds."a.example"]\nauth="c2Ft"')).toThrow(
      'creds."a.example".auth is not the base64 of USER:PASSWORD',
    ));
  it("a mirror is told its own, and never those of the registry", () => {
    const config = `[mirrors."a.example"]\nendpoints = ["own.example", "other.example"]
      [creds."a.example"]\nusername = "up"\n[creds."own.example"]\nusername = "own"\n`;
    expect(logins("a.example", config)).toEqual([
      { kind: "password", username: "own", password: "" },
      { kind: "anonymous" },
      { kind: "password", username: "up", password: "" },
    ]);
  });
});

describe("the file with mirrors and credentials", () => {
  it("may be empty, and may have more in it", () => {
    expect(urls("a.example", "")).toEqual(["https://a.example/v2"]);
    expect(urls("a.example", '[other]\nx = 1\n[creds."a.example"]\ny = 2\n')).toEqual([
      "https://a.example/v2",
    ]);
  });
  it("says which entry it cannot use", () => {
    expect(() => parseRegistryConfig('[mirrors."a"]\nendpoints = [1]')).toThrow(
      'mirrors."a".endpoints[0] is not a text',
    );
    expect(() => parseRegistryConfig('creds = "x"')).toThrow("creds is not a table");
  });
  it("whatever a password is, it comes back as it was", () => {
    fc.assert(
      fc.property(fc.string(), (password) => {
        const config = `[creds."a.example"]\nusername = "u"\npassword = ${JSON.stringify(password).replaceAll("\x7f", "\\u007f")}\n`;
        expect(logins("a.example", config)).toEqual([{ kind: "password", username: "u", password }]);
      }),
    );
  });
});
