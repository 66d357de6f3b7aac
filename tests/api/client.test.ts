import { afterAll, beforeAll, describe, expect, it } from "bun:test";
import { writeFile } from "node:fs/promises";
import { TestRoot } from "./support/root.ts";
import { RunningServer } from "./support/server.ts";

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

const client = (...args: string[]) => root.run(["/usr/bin/apiclient", ...args]);
const silent = { exitCode: 0, stdout: "", stderr: "" };
const value = async (key: string) => JSON.parse(await root.live()).leaves[key] as unknown;

describe("apiclient", () => {
  it("api 8.1: --help prints usage on stderr and exits 2, for the program and for each subcommand", async () => {
    const all = await client("--help");
    expect(all).toMatchObject({ exitCode: 2, stdout: "" });
    expect(all.stderr).toContain("Usage: apiclient [OPTIONS] SUBCOMMAND [ARGUMENTS]");
    for (const subcommand of [
      "raw",
      "get",
      "set",
      "unset",
      "apply",
      "confirm",
      "revert",
      "exec",
      "status",
      "logs",
      "doctor",
      "reboot",
      "completion",
    ]) {
      const one = await client(subcommand, "-h");
      expect(one).toMatchObject({ exitCode: 2, stdout: "" });
      expect(one.stderr).toMatch(new RegExp(`^Usage: apiclient \\[?${subcommand}`, "m"));
    }
  });

  const wrong: [args: string[], says: string][] = [
    [[], "raw needs --uri URI"],
    [
      ["frobnicate"],
      'unknown subcommand "frobnicate"; there are: raw, get, set, unset, apply, confirm, revert, exec, status, logs, doctor, update, reboot, completion',
    ],
    [
      ["attach", "admin"],
      'unknown subcommand "attach"; there are: raw, get, set, unset, apply, confirm, revert, exec, status, logs, doctor, update, reboot, completion',
    ],
    [["update"], "update needs one of the words check, apply, cancel, status"],
    [["raw"], "raw needs --uri URI"],
    [["raw", "-u", "/tx", "word"], 'raw takes no word "word"'],
    [["raw", "-u"], "option -u needs a value"],
    [["get", "/os", "settings"], "get takes one URI alone"],
    [["get", "/os", "/tx"], "get takes one URI alone"],
    [["get", "--all"], "unknown option --all"],
    [["set"], "set needs KEY=VALUE words, or --json JSON"],
    [["set", "motd"], '"motd" is not of the form KEY=VALUE'],
    [["set", "a!=1"], '"a!" is not a key'],
    [["set", "a..b=1"], '"a..b" is not a key'],
    [["set", "-j", "[]"], "--json must be a JSON object"],
    [["set", "-j", "{"], "--json is not JSON"],
    [["set", "-j", '{"settings":1}'], "--json has a `settings` that is not an object"],
    [["set", "motd=a", "-j", "{}"], "set takes either KEY=VALUE words or --json, not both"],
    [["set", "-j", "{}", "-j", "{}"], "--json is given more than once"],
    [["unset"], "unset needs one or more KEY words"],
    [["unset", "a!"], '"a!" is not a key'],
    [["unset", "motd", "settings"], '"settings" names all settings, not one'],
    [["apply", "-x"], "unknown option -x"],
    [["apply", "--timeout", "2m"], "--timeout is the time of a trial; give --try too"],
    [["set", "--try", "--timeout", "2", "motd=x"], '--timeout is "2"; accepted: 1s to 24h'],
    [["confirm", "motd"], 'confirm takes no argument, but got "motd"'],
    [["exec"], "exec needs TARGET"],
    [["exec", "admin"], 'exec needs COMMAND, what to run in "admin"'],
    [["exec", "-x", "admin", "ls"], "unknown option -x"],
    [["exec", "admin", "-x", "ls"], "unknown option -x"],
    [["exec", "-t", "-T", "admin", "ls"], "--tty and --no-tty exclude each other"],
    [["reboot", "now"], 'reboot takes no argument, but got "now"'],
    [["--log-level", "loud", "get"], '--log-level is "loud"'],
  ];
  for (const [args, says] of wrong) {
    it(`api Checks 28-31: exits 2 and says what is wrong: ${JSON.stringify(args)}`, async () => {
      const ended = await client(...args);
      expect(ended).toMatchObject({ exitCode: 2, stdout: "" });
      expect(ended.stderr).toContain(says);
    });
  }

  it("names the socket and the cause when nobody answers", async () => {
    expect(await client("-s", "/run/none.sock", "get")).toEqual({
      exitCode: 1,
      signal: null,
      stdout: "",
      stderr:
        "Cannot read: cannot reach the API server at /run/none.sock: no such file (is apiserver running?)\n",
    });
  });
});

describe("apiclient raw", () => {
  it("api Check 28: is what is meant without a subcommand", async () => {
    const one = await client("-u", "/settings");
    expect(one).toEqual(await client("raw", "-u", "/settings"));
    expect(one).toMatchObject({ exitCode: 0, stderr: "" });
    expect(one.stdout).toBe(`${(await server.ask("GET", "/settings")).body}\n`);
    expect(await client("raw", "--uri=/settings", "--socket-path=/run/api.sock")).toEqual(one);
  });

  it("api Check 28: another status than 2xx leaves stdout empty and exits 1", async () => {
    expect(await client("raw", "-u", "/nope")).toMatchObject({
      exitCode: 1,
      stdout: "",
      stderr: "Cannot make the request: Status 404 when GETing /nope\n",
    });
  });

  it("api Check 28: -v shows the status on stderr", async () => {
    const ended = await client("raw", "-v", "-u", "/tx", "-m", "DELETE");
    expect(ended).toMatchObject({ exitCode: 0, stdout: "[]\n" });
    expect(ended.stderr).toContain("200 OK");
  });

  it("api 8.2: data with the default method is no mistake, though no GET looks at it", async () => {
    expect(await client("raw", "-u", "/tx?tx=none", "-d", "{}")).toMatchObject({ ...silent, stdout: "{}\n" });
  });

  it("sends data as JSON and prints nothing for an empty answer", async () => {
    expect(
      await client("raw", "-X", "PATCH", "-u", "/settings?tx=raw", "-d", '{"motd":"raw"}'),
    ).toMatchObject(silent);
    expect((await client("raw", "-u", "/tx?tx=raw")).stdout).toBe('{"motd":"raw"}\n');
    await client("raw", "-m", "DELETE", "-u", "/tx?tx=raw");
  });
});

describe("apiclient get", () => {
  it("api Check 29: prints pretty JSON with names in alphabetical order", async () => {
    await client("set", "motd=shown");
    expect(await client("get", "settings.motd")).toMatchObject({
      exitCode: 0,
      stdout: '{\n  "settings": {\n    "motd": "shown"\n  }\n}\n',
      stderr: "",
    });
  });

  it("api Check 29: prints {} when nothing matches, and both os and settings without arguments", async () => {
    expect(await client("get", "zzz")).toMatchObject({ exitCode: 0, stdout: "{}\n" });
    expect(Object.keys(JSON.parse((await client("get")).stdout))).toEqual(["os", "settings"]);
  });

  it("merges several prefixes, and takes quotes and spaces, which the reference cannot", async () => {
    await client("set", 'kernel.sysctl."vm.swappiness"=10', 'kernel.sysctl."vm.laptop_mode"=5');
    const ended = await client(
      "get",
      'settings.kernel.sysctl."vm.swappiness"',
      "settings.motd",
      "no such#thing",
    );
    expect(JSON.parse(ended.stdout)).toEqual({
      settings: { kernel: { sysctl: { "vm.swappiness": "10" } }, motd: "shown" },
    });
  });

  it("takes a URI, and exits 1 when its answer is not JSON", async () => {
    expect(JSON.parse((await client("get", "/services?names=motd")).stdout)).toHaveProperty("motd");
    expect(await client("get", "/nope")).toMatchObject({ exitCode: 1, stdout: "" });
  });
});

describe("apiclient set", () => {
  it("api Check 30: sets several values at once, silently, and starts the applier for them", async () => {
    expect(await client("set", "motd=hi there", "settings.updates.ignore-waves=true")).toMatchObject(silent);
    expect(await value("settings.motd")).toBe("hi there");
    expect(await value("settings.updates.ignore-waves")).toBe(true);
    expect(await root.text("run/applier.stdin")).toBe('["settings.motd","settings.updates.ignore-waves"]');
    expect((await server.ask("GET", "/tx/list")).body).toBe("[]");
  });

  const converted: [word: string, key: string, stored: unknown][] = [
    ["motd=42", "settings.motd", "42"],
    ['motd="x"', "settings.motd", '"x"'],
    ["motd=a=b", "settings.motd", "a=b"],
    ["updates.seed=7", "settings.updates.seed", 7],
    ["updates.version-lock=latest", "settings.updates.version-lock", "latest"],
    ['kernel.sysctl."vm.max_map_count"=262144', 'settings.kernel.sysctl."vm.max_map_count"', "262144"],
    ['ntp.time-servers=["192.0.2.7"]', "settings.ntp.time-servers", ["192.0.2.7"]],
  ];
  for (const [word, key, stored] of converted) {
    it(`converts ${word} by the declared type`, async () => {
      expect(await client("set", word)).toMatchObject(silent);
      expect(await value(key)).toEqual(stored);
    });
  }

  it("takes a word that begins with - after --, and the last of a key given twice", async () => {
    expect(await client("set", "--", "motd=one", "motd=--two")).toMatchObject(silent);
    expect(await value("settings.motd")).toBe("--two");
    expect((await client("set", "--", "-x=1")).exitCode).toBe(1);
  });

  const refused: [words: string[], says: string][] = [
    [["nope=1"], "settings.nope: "],
    [["updates.ignore-waves=maybe"], 'settings.updates.ignore-waves: found the text "maybe"; accepted: '],
    [["updates.seed=-1"], "settings.updates.seed: "],
    [["motd=x", "nope=1", "updates.seed=x"], "settings.updates.seed: "],
    [["-j", '{"motd":5}'], "--json:1:9: settings.motd: found the integer 5; accepted: "],
  ];
  for (const [words, says] of refused) {
    it(`api Check 30: refuses ${words.join(" ")} with key, problem and what is accepted, and sends nothing`, async () => {
      const before = await root.live();
      // No socket, so a request would fail in another way.
      const ended = await client("-s", "/run/none.sock", "set", ...words);
      expect(ended).toMatchObject({ exitCode: 1, stdout: "" });
      expect(ended.stderr).toStartWith("Nothing was changed, because of:\n");
      expect(ended.stderr).toContain(says);
      expect(await root.live()).toBe(before);
    });
  }

  it("names every problem, not only the first", async () => {
    const { stderr } = await client("set", "nope=1", "updates.seed=x", "updates.ignore-waves=1");
    for (const key of ["settings.nope", "settings.updates.seed", "settings.updates.ignore-waves"]) {
      expect(stderr).toContain(`\n  ${key}: `);
    }
  });

  it("api Check 30: takes JSON with or without the outer layer, whose members go over those beside it", async () => {
    expect(await client("set", "-j", '{"settings":{"motd":"42"}}')).toMatchObject(silent);
    expect(await value("settings.motd")).toBe("42");
    expect(
      await client("set", "--json", '{"motd":"beside","updates":{"seed":1},"settings":{"motd":"inside"}}'),
    ).toMatchObject(silent);
    expect(await value("settings.motd")).toBe("inside");
    expect(await value("settings.updates.seed")).toBe(1);
  });

  it("api Check 30: a change without a setting fails with the 422 of the commit, and leaves no transaction", async () => {
    const ended = await client("set", "-j", "{}");
    expect(ended.exitCode).toBe(1);
    expect(ended.stderr).toMatch(
      /^Cannot commit and apply the settings: POST \/tx\/commit_and_apply\?tx=apiclient-set-[A-Za-z0-9]{16} was answered with 422/,
    );
    expect((await server.ask("GET", "/tx/list")).body).toBe("[]");
  });

  it("says that the commit stays when the applier fails, and leaves no transaction", async () => {
    await writeFile(root.at("run/applier.exit"), "1");
    const ended = await client("set", "motd=committed");
    await writeFile(root.at("run/applier.exit"), "0");
    expect(ended.exitCode).toBe(1);
    expect(ended.stderr).toContain("The settings are committed, but applying them failed");
    expect(await value("settings.motd")).toBe("committed");
    expect((await server.ask("GET", "/tx/list")).body).toBe("[]");
  });
});

describe("apiclient apply", () => {
  const apply = (stdin: string, ...args: string[]) =>
    root.run(["/usr/bin/apiclient", "apply", ...args], { stdin });

  it("api Check 31: takes TOML and JSON from stdin", async () => {
    expect(await apply('[settings]\nmotd="q"\n')).toMatchObject(silent);
    expect(await value("settings.motd")).toBe("q");
    expect(await apply('{"settings":{"motd":"j"}}', "-")).toMatchObject(silent);
    expect(await value("settings.motd")).toBe("j");
  });

  it("api Check 31: refuses a document without settings", async () => {
    const ended = await apply('motd="q"\n');
    expect(ended.exitCode).toBe(1);
    expect(ended.stderr).toContain("stdin:");
    expect(ended.stderr).toContain('accepted: a table named "settings"');
  });

  it("api Check 31: with one bad source, nothing of the good one is live or pending", async () => {
    await writeFile(root.at("a.toml"), '[settings]\nmotd = "from a"\n');
    await writeFile(root.at("bad.toml"), "[settings]\nmotd = 5\nnope = 1\n");
    const before = await root.live();
    const ended = await apply("", "file:///a.toml", "file:///bad.toml");
    expect(ended.exitCode).toBe(1);
    expect(ended.stderr).toContain(
      "\n  file:///bad.toml:2:8: settings.motd: found the integer 5; accepted: ",
    );
    expect(ended.stderr).toContain("\n  file:///bad.toml:3:1: settings.nope: ");
    expect(await root.live()).toBe(before);
    expect((await server.ask("GET", "/tx/list")).body).toBe("[]");
  });

  it("tells all rules between settings that would be broken, at their places, and sends nothing", async () => {
    await writeFile(
      root.at("web.toml"),
      '[settings.cloudformation]\nstack-name = ""\nshould-signal = true\n',
    );
    const before = await root.live();
    const ended = await apply("", "/a.toml", "/web.toml");
    const advice = "accepted: the name that the signal is for, or should-signal = false";
    const says = `it is empty, but should-signal is true; ${advice}`;
    expect(ended).toMatchObject({ exitCode: 1, stdout: "" });
    expect(ended.stderr).toBe(
      `Nothing was changed, because of:
  /web.toml:2:1: settings.cloudformation.stack-name: ${says}
  /web.toml:1:11: settings.cloudformation.logical-resource-id: ${says}
`,
    );
    expect(await root.live()).toBe(before);
    expect((await server.ask("GET", "/tx/list")).body).toBe("[]");
  });

  it("shows both readings of what is neither TOML nor JSON, and takes a plain path", async () => {
    await writeFile(root.at("neither"), "{ settings: = ");
    const ended = await apply("", "/neither");
    expect(ended.exitCode).toBe(1);
    expect(ended.stderr).toMatch(
      /^\/neither is neither TOML nor JSON, nothing was changed:\n {2}as TOML:\n.*\/neither:1:\d+: .*\n {2}as JSON:\n.*\/neither:1:\d+: /,
    );
    expect(await apply("", "/a.toml")).toMatchObject(silent);
    expect(await value("settings.motd")).toBe("from a");
  });

  it("lets later sources win, setting by setting, and names ignored top-level members", async () => {
    await writeFile(root.at("b.json"), '{"other":1,"settings":{"motd":"from b"}}');
    await writeFile(root.at("c.toml"), "[settings.updates]\nseed = 9\n");
    const ended = await apply("", "/a.toml", "file:///b.json", "/c.toml");
    expect(ended).toMatchObject({ exitCode: 0, stdout: "" });
    expect(ended.stderr).toContain("[WARN] file:///b.json: only `settings` is used; ignored: other");
    expect(await value("settings.motd")).toBe("from b");
    expect(await value("settings.updates.seed")).toBe(9);
  });

  it("fetches over HTTP, following redirects; an error status is a failure that names the source", async () => {
    const web = Bun.serve({
      port: 0,
      hostname: "127.0.0.1",
      fetch: (request) => {
        const { pathname } = new URL(request.url);
        if (pathname === "/moved") return Response.redirect("/settings.toml", 302);
        return pathname === "/settings.toml"
          ? new Response('[settings]\nmotd = "from afar"\n')
          : new Response("no", { status: 404 });
      },
    });
    expect(await apply("", `${web.url}moved`)).toMatchObject(silent);
    expect(await value("settings.motd")).toBe("from afar");
    const ended = await apply("", `${web.url}missing`);
    expect(ended).toMatchObject({
      exitCode: 1,
      stderr: `Cannot read ${web.url}missing: the server answered 404 Not Found\n`,
    });
    await web.stop(true);
  });

  it("api 8.5: fetches through the proxy of the usual variable", async () => {
    const asked: string[] = [];
    const proxy = Bun.serve({
      port: 0,
      hostname: "127.0.0.1",
      fetch: (request) => {
        asked.push(request.url);
        return new Response('[settings]\nmotd = "by proxy"\n');
      },
    });
    const env = { http_proxy: `http://127.0.0.1:${proxy.port}` };
    const ended = await root.run(["/usr/bin/apiclient", "apply", "http://config.test/a.toml"], { env });
    await proxy.stop(true);
    expect(ended).toMatchObject(silent);
    expect(asked).toEqual(["http://config.test/a.toml"]);
    expect(await value("settings.motd")).toBe("by proxy");
  });

  it("api 8.5: fetches all sources before the first is looked at, and keeps their order", async () => {
    const web = Bun.serve({
      port: 0,
      hostname: "127.0.0.1",
      // The earlier a source stands, the later it comes.
      fetch: async (request) => {
        const at = Number(new URL(request.url).pathname.slice(1));
        await Bun.sleep(300 - at * 50);
        return new Response(`settings.motd = "source ${at}"\n`);
      },
    });
    const sources = Array.from({ length: 6 }, (_, at) => `${web.url}${at}`);
    expect(await apply("", ...sources)).toMatchObject(silent);
    await web.stop(true);
    expect(await value("settings.motd")).toBe("source 5");
  });

  for (const [source, says] of [
    ["/no/such/file", "Cannot read /no/such/file: "],
    [
      "s3://bucket/key",
      "Cannot read s3://bucket/key: this kind of URI is not known; accepted: file://, http://",
    ],
    ["/tmp", "Cannot read /tmp: "],
  ] as const) {
    it(`names the source ${source} that cannot be read`, async () => {
      const ended = await apply("", source);
      expect(ended.exitCode).toBe(1);
      expect(ended.stderr).toStartWith(says);
    });
  }
});

describe("apiclient reboot", () => {
  it("asks for a reboot and says so", async () => {
    const ended = await client("reboot");
    expect(ended).toMatchObject({ exitCode: 0, stdout: "" });
    expect(ended.stderr).toMatch(/^\d\d:\d\d:\d\d \[INFO\] Rebooting\n$/);
    expect(await root.text("run/shutdown.arguments")).toBe("-r now\n");
  });
});

describe("output", () => {
  it("is complete in a pipe whose reader is slow", async () => {
    const sysctl = Object.fromEntries(
      Array.from({ length: 4000 }, (_, at) => [`vm.key${at}`, "x".repeat(40)]),
    );
    await server.ask("PATCH", "/settings?tx=many", JSON.stringify({ kernel: { sysctl } }));
    await server.ask("POST", "/tx/commit?tx=many");
    const shell = await root.run([
      "/bin/sh",
      "-c",
      "/usr/bin/apiclient get settings.kernel | (sleep 0.3; cat)",
    ]);
    expect(JSON.parse(shell.stdout).settings.kernel.sysctl["vm.key3999"]).toHaveLength(40);
  });

  it("that nobody can take is a failure", async () => {
    const full = await root.run(["/bin/sh", "-c", "/usr/bin/apiclient get >/dev/full"]);
    expect(full).toMatchObject({ exitCode: 1 });
    expect(full.stderr).toContain("apiclient: cannot write the output: ");
  });
});
