import { describe, expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { parseTemplate, parseValueTemplate } from "./template.ts";

const templates = join(import.meta.dir, "../../variants/shared/templates");

function render(name: string, settings: object, hostnameResolves = true): string {
  return parseTemplate(name, readFileSync(join(templates, name), "utf8")).render(
    { settings },
    { hostnameResolves },
  );
}

describe("the files of the common services (specification rendered-config 6)", () => {
  const hosts = [
    ["10.0.0.1", ["a.b", "a"]],
    ["127.0.0.1", ["x"]],
    ["10.0.0.1", ["c"]],
    ["0:0:0:0:0:0:0:1", ["six"]],
  ];
  const localhost4 = "127.0.0.1 localhost localhost.localdomain localhost4 localhost4.localdomain4 ";
  const localhost6 = "::1 localhost localhost.localdomain localhost6 localhost6.localdomain6 ";
  const updates = {
    "metadata-base-url": "https://u.example/m/?a=1&b='2'",
    "targets-base-url": "https://u.example/t/",
    seed: 812,
    "version-lock": "latest",
    "ignore-waves": false,
  };
  const updog = `metadata_base_url = "https://u.example/m/?a=1&b='2'"
targets_base_url = "https://u.example/t/"
seed = 812
version_lock = "latest"
ignore_waves = false
`;
  const chrony =
    "driftfile /var/lib/chrony/drift\nmakestep 1.0 3\ndumponexit\ndumpdir /var/lib/chrony\nuser chrony\nrtcsync\n";

  const table: [situation: string, template: string, settings: object, text: string][] = [
    ["the motd is followed by one newline", "motd", { motd: "hello" }, "hello\n"],
    [
      "Check 44: a motd keeps its quotes, ampersands and lines",
      "motd",
      { motd: 'it\'s <a> & "b" = `c`\n2' },
      'it\'s <a> & "b" = `c`\n2\n',
    ],
    [
      "the hostname is one assignment",
      "hostname-env",
      { network: { hostname: "node-7.lan" } },
      "HOSTNAME=node-7.lan\n",
    ],
    [
      "hosts without entries end with an empty line",
      "hosts",
      { network: { hostname: "n" } },
      `${localhost4}\n${localhost6}\n\n\n`,
    ],
    [
      "Check 38: entries of one address are merged, loopback ones go to the loopback lines",
      "hosts",
      { network: { hostname: "n", hosts } },
      `${localhost4}x\n${localhost6}six\n\n10.0.0.1 a.b a c\n`,
    ],
    [
      "Check 37: without a proxy only the exceptions are written",
      "proxy-env",
      {},
      "NO_PROXY=localhost,127.0.0.1\nno_proxy=localhost,127.0.0.1\n",
    ],
    [
      "a proxy comes in both spellings, its exceptions before ours",
      "proxy-env",
      { network: { "https-proxy": "http://p.lan:3128/?x=1&y", "no-proxy": ["10.0.0.0/8", ".lan"] } },
      "HTTPS_PROXY=http://p.lan:3128/?x=1&y\nhttps_proxy=http://p.lan:3128/?x=1&y\nNO_PROXY=10.0.0.0/8,.lan,localhost,127.0.0.1\nno_proxy=10.0.0.0/8,.lan,localhost,127.0.0.1\n",
    ],
    ["without DNS settings the file is empty", "netdog-toml", {}, ""],
    [
      "an empty list counts as unset",
      "netdog-toml",
      { dns: { "name-servers": [], "search-list": ["a.lan"] } },
      'search-list = ["a.lan"]\n',
    ],
    [
      "both DNS settings are lists of strings",
      "netdog-toml",
      { dns: { "name-servers": ["192.0.2.1", "fd00::1"], "search-list": ["a"] } },
      'name-servers = ["192.0.2.1", "fd00::1"]\nsearch-list = ["a"]\n',
    ],
    [
      "each time server is a pool, in order",
      "chrony-conf",
      { ntp: { "time-servers": ["z.lan", "a.lan"] } },
      `pool z.lan iburst\npool a.lan iburst\n${chrony}`,
    ],
    ["no time server is possible", "chrony-conf", { ntp: { "time-servers": [] } }, chrony],
    [
      "Check 40: modules that are not allowed are not installed, sorted",
      "modprobe-conf",
      {
        kernel: {
          modules: { udp_tunnel: { allowed: true }, sctp: { allowed: false }, dccp: { allowed: false } },
        },
      },
      "install dccp /bin/true\ninstall sctp /bin/true\n",
    ],
    ["without module settings the file is empty", "modprobe-conf", {}, ""],
    ["the updater's file has all five values", "updog-toml", { updates }, updog],
    [
      "the updater's file has the proxy, and exceptions unless empty",
      "updog-toml",
      { updates, network: { "https-proxy": 'p"q', "no-proxy": [] } },
      `${updog}https_proxy = "p\\"q"\n`,
    ],
  ];
  for (const [situation, template, settings, text] of table) {
    test(`${template}: ${situation}`, () => expect(render(template, settings)).toBe(text));
  }

  test("Check 38: a hostname that nothing answers for stands on both loopback lines, before the given names", () => {
    const text = render("hosts", { network: { hostname: "n", hosts } }, false);
    expect(text.split("\n").slice(0, 2)).toEqual([`${localhost4}n x`, `${localhost6}n six`]);
  });
  test("a hostname that an entry lists is not added to the loopback lines", () => {
    const text = render("hosts", { network: { hostname: "c", hosts } }, false);
    expect(text.split("\n").slice(0, 2)).toEqual([`${localhost4}x`, `${localhost6}six`]);
  });

  const needed: [template: string, settings: object, message: string][] = [
    ["motd", {}, "The template motd cannot be rendered: undefined variable: settings.motd, line:1, col:4"],
    [
      "hostname-env",
      { network: {} },
      "The template hostname-env cannot be rendered: undefined variable: settings.network.hostname, line:1, col:13",
    ],
    [
      "hosts",
      { network: { hosts: [] } },
      "The template hosts cannot be rendered: settings.network.hostname is not set, line:2, col:1",
    ],
    [
      "chrony-conf",
      {},
      "The template chrony-conf cannot be rendered: undefined variable: settings.ntp, line:1, col:18",
    ],
    [
      "updog-toml",
      { updates: { ...updates, seed: undefined } },
      "The template updog-toml cannot be rendered: undefined variable: settings.updates.seed, line:3, col:11",
    ],
  ];
  for (const [template, settings, message] of needed) {
    test(`${template}: a setting that must be set is named when it is not`, () => {
      expect(() => render(template, settings)).toThrow(message);
    });
  }
});

describe("a value never breaks out of its place", () => {
  const hostile = fc.oneof(
    fc.string({ unit: "binary", maxLength: 30 }),
    fc.string({
      unit: fc.constantFrom(
        "a",
        "\n",
        "\r",
        '"',
        "'",
        "\\",
        "#",
        " ",
        "\t",
        "=",
        "$",
        "`",
        "{{",
        "}}",
        "{%",
        "\u2028",
        "\u0085",
        "\0",
        "\u007f",
        "]",
        ",",
      ),
      maxLength: 12,
    }),
  );

  test("TOML: every list and string is read back as it was", () => {
    fc.assert(
      fc.property(fc.array(hostile, { minLength: 1 }), (servers) => {
        const text = render("netdog-toml", { dns: { "name-servers": servers, "search-list": ["end"] } });
        expect(Bun.TOML.parse(text)).toEqual({ "name-servers": servers, "search-list": ["end"] });
      }),
    );
  });
  test("environment files: systemd reads back what was set, or the file is not rendered", () => {
    fc.assert(
      fc.property(hostile, fc.array(hostile), (proxy, exceptions) => {
        const network = { "https-proxy": proxy, "no-proxy": exceptions };
        const text = orRefused(() => render("proxy-env", { network }));
        if (text === undefined)
          return expect([proxy, ...exceptions].some((v) => /[\p{Cc}\u2028\u2029]/u.test(v))).toBe(true);
        const noProxy = [...exceptions, "localhost", "127.0.0.1"].join(",");
        expect(readEnvironmentFile(text)).toEqual([
          ...(["HTTPS_PROXY", "https_proxy"].map((name) => [name, proxy]) as [string, string][]),
          ["NO_PROXY", noProxy],
          ["no_proxy", noProxy],
        ]);
      }),
    );
  });
  test("word files: a line keeps its words, or the file is not rendered", () => {
    fc.assert(
      fc.property(hostile, (server) => {
        const text = orRefused(() => render("chrony-conf", { ntp: { "time-servers": [server, "b"] } }));
        if (text === undefined) return;
        const [first, second, third] = text.split(/[\n\r\u2028\u2029\u0085\v\f]/);
        expect(first?.split(/\s+/u)).toEqual(["pool", server, "iburst"]);
        expect([second, third]).toEqual(["pool b iburst", "driftfile /var/lib/chrony/drift"]);
      }),
    );
  });
  test("hosts: a name never makes another line or a comment", () => {
    fc.assert(
      fc.property(hostile, hostile, (address, name) => {
        const network = {
          hostname: "n",
          hosts: [
            [address, [name, "b"]],
            ["192.0.2.1", ["end"]],
          ],
        };
        const text = orRefused(() => render("hosts", { network }));
        if (text === undefined) return;
        expect(text.split("\n").slice(3)).toEqual([`${address} ${name} b`, "192.0.2.1 end", ""]);
        expect(text).not.toContain("#");
      }),
    );
  });
  test("what a value looks like to the template language does not matter", () => {
    const motd = '{{ settings.motd }}{% include "x" %}';
    expect(render("motd", { motd })).toBe(`${motd}\n`);
  });
});

describe("the template engine", () => {
  const facts = { hostnameResolves: false };
  const table: [situation: string, name: string, text: string, message: string][] = [
    [
      "a syntax error is told with its place",
      "a-conf",
      "x\n{% if",
      'The template a-conf is not valid: tag "{% if" not closed, line:2, col:1',
    ],
    [
      "an unknown filter is told",
      "a-conf",
      "{{ a | nope }}",
      "The template a-conf is not valid: undefined filter: nope, line:1, col:1",
    ],
    [
      "escaping cannot be switched off",
      "a-conf",
      "{{ a | raw }}",
      "The template a-conf is not valid: undefined filter: raw, line:1, col:1",
    ],
    [
      "the name must say the format",
      "a.xyz",
      "",
      "The template a.xyz is not valid: the template's name does not say the format of its file; formats are toml, env, conf, hosts, motd",
    ],
    [
      "a value that cannot be written is named",
      "a-conf",
      "{{ settings.a }}",
      "The template a-conf cannot be rendered: {{ settings.a }}: it has blanks, quotes or backslashes where one word is needed, line:1, col:1",
    ],
    [
      "a table cannot be inserted",
      "a-toml",
      "{{ settings }}",
      "The template a-toml cannot be rendered: {{ settings }}: a list or table cannot be inserted here, line:1, col:1",
    ],
    [
      "a loop over a missing setting is an error",
      "a-conf",
      "{% for x in settings.no %}{% endfor %}",
      "The template a-conf cannot be rendered: undefined variable: settings.no, line:1, col:13",
    ],
    [
      "prototypes are no settings",
      "a-conf",
      "{{ settings.constructor }}",
      "The template a-conf cannot be rendered: undefined variable: settings.constructor, line:1, col:4",
    ],
  ];
  for (const [situation, name, text, message] of table) {
    test(situation, () => {
      expect(() => parseTemplate(name, text).render({ settings: { a: "b c" } }, facts)).toThrow(message);
    });
  }
  test("other templates and files cannot be read", () => {
    for (const tag of ["include", "render", "layout"]) {
      const text = `{% ${tag} "/etc/passwd" %}`;
      expect(() => parseTemplate("a-conf", text).render({}, facts)).toThrow("ENOENT");
    }
  });
  test("a missing setting is false in a condition", () => {
    const text = "{% if settings.no.where %}a{% else %}b{% endif %}";
    expect(parseTemplate("a-conf", text).render({ settings: {} }, facts)).toBe("b");
  });
  test("the format is named by the last word that is one", () => {
    const text = "x = {{ settings.a }}";
    expect(parseTemplate("conf-toml_k8s", text).render({ settings: { a: "b" } }, facts)).toBe('x = "b"');
  });
  test("the value of a setting is not escaped", () => {
    const template = parseValueTemplate("settings.x", "https://h/{{ os.variant_id }}/?a=b&c");
    expect(template.render({ os: { variant_id: "metal-dev" } }, facts)).toBe("https://h/metal-dev/?a=b&c");
  });
});

function orRefused(rendering: () => string): string | undefined {
  try {
    return rendering();
  } catch (error) {
    expect(String(error)).toMatch(/it has |it is empty|it starts with /);
    return undefined;
  }
}

/** systemd's reading of an environment file (src/basic/env-file.c), as far as our output can reach. */
function readEnvironmentFile(text: string): [string, string][] {
  const assignments: [string, string][] = [];
  let at = 0;
  while (at < text.length) {
    const equals = text.indexOf("=", at);
    const name = text.slice(at, equals);
    let value = "";
    let kept = 0; // length of the value up to the last character that is not unescaped white space
    for (at = equals + 1; at < text.length && text[at] !== "\n" && text[at] !== "\r"; at++) {
      const escaped = text[at] === "\\";
      if (escaped) at += 1;
      else if (/['"]/.test(text[at] ?? "") && value === "") throw new Error("a quote opens here");
      if (!escaped && /[ \t]/.test(text[at] ?? "") && value === "") continue;
      if (escaped && text[at] === "\n") continue;
      value += text[at];
      if (escaped || !/[ \t]/.test(text[at] ?? "")) kept = value.length;
    }
    assignments.push([name, value.slice(0, kept)]);
    at += 1;
  }
  return assignments;
}
