/**
 * The shape that the map of the code promises: rooms depend on each other one way, deciding files touch
 * nothing of the world, and files stay short enough to be read at once.
 */
import { describe, expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { Glob } from "bun";

const root = join(import.meta.dir, "..");

/** Which rooms a room may use, besides itself. What is not here has no arrow. */
const arrows: Readonly<Record<string, readonly string[]>> = {
  "host/linux": [],
  "host/settings": ["host/linux"],
  "host/store": ["host/settings", "host/linux"],
  // Of updates it takes the words in which their status is told.
  "host/api": ["host/store", "host/update", "host/settings", "host/linux"],
  "host/apply": ["host/settings", "host/linux"],
  "host/update": ["host/settings", "host/linux"],
  "host/support": ["host/settings", "host/linux"],
  "host/containers": ["host/apply", "host/settings", "host/linux"],
  // It fills the API's words with what it has seen; what it reads lies in the other rooms.
  "host/status": [
    "host/api",
    "host/apply",
    "host/containers",
    "host/platform",
    "host/update",
    "host/settings",
    "host/linux",
  ],
  // The boot chain is one process, so it renders by calling `apply` and commits by calling the API.
  "host/platform": ["host/api", "host/apply", "host/containers", "host/settings", "host/linux"],
  "host/programs": [
    "host/api",
    "host/apply",
    "host/containers",
    "host/platform",
    "host/settings",
    "host/status",
    "host/store",
    "host/support",
    "host/update",
    "host/linux",
  ],
  "host/main.ts": ["host/programs", "host/linux"],
  sdk: [],
  // The workstation side shares formats with the host, never the other way round.
  image: ["sdk", "publish", "host/settings", "host/store", "host/update", "host/platform", "host/programs"],
  containers: ["sdk", "image"],
  lab: ["sdk", "image", "containers", "docs", "host/settings", "host/update", "host/platform"],
  publish: ["sdk", "host/settings", "host/update", "host/linux"],
  docs: ["sdk", "host/api", "host/settings", "host/platform"],
  tests: [
    "sdk",
    "image",
    "containers",
    "lab",
    "publish",
    "docs",
    "host/api",
    "host/containers",
    "host/settings",
    "host/store",
    "host/update",
  ],
  bench: ["sdk", "image", "lab", "publish", "tests", "host/settings", "host/update"],
  bin: ["sdk", "image", "containers", "lab", "publish", "docs", "tests", "bench"],
};

/** The files of the host's rooms that act. Every other file there decides: it takes values and returns values. */
const acting: readonly string[] = [
  "host/api/apiclient/change-settings.ts",
  "host/api/apiclient/change.ts",
  "host/api/apiclient/complete.ts",
  "host/api/apiclient/doctor.ts",
  "host/api/apiclient/logs.ts",
  "host/api/apiclient/exec/connection.ts",
  "host/api/apiclient/exec/exec.ts",
  "host/api/apiclient/exec/terminal.ts",
  "host/api/apiclient/own-transaction.ts",
  "host/api/apiclient/requests.ts",
  "host/api/apiclient/rules.ts",
  "host/api/apiclient/run.ts",
  "host/api/apiclient/sources.ts",
  "host/api/apiclient/status.ts",
  "host/api/apiclient/trial.ts",
  "host/api/apiclient/unset.ts",
  "host/api/apiclient/update-wait.ts",
  "host/api/apiclient/update.ts",
  "host/api/apiclient/wait.ts",
  "host/api/applier.ts",
  "host/api/client.ts",
  "host/api/dispatcher.ts",
  "host/api/exec/container-process.ts",
  "host/api/exec/pipes.ts",
  "host/api/exec/session.ts",
  "host/api/exec/sessions.ts",
  "host/api/exec/streams.ts",
  "host/api/exec/terminal.ts",
  "host/api/generate.ts",
  "host/api/host-view.ts",
  "host/api/log-streams.ts",
  "host/api/look.ts",
  "host/api/preview.ts",
  "host/api/printed-by.ts",
  "host/api/server.ts",
  "host/api/socket.ts",
  "host/api/trial-watch.ts",
  "host/apply/applied.ts",
  "host/apply/apply.ts",
  "host/apply/files.ts",
  "host/apply/host.ts",
  "host/apply/lock.ts",
  "host/apply/preview.ts",
  "host/apply/render.ts",
  "host/apply/history.ts",
  "host/apply/restart.ts",
  "host/apply/to-do.ts",
  "host/apply/turn.ts",
  "host/containers/container-files.ts",
  "host/containers/host-ctr/clean-up.ts",
  "host/containers/host-ctr/containers.ts",
  "host/containers/host-ctr/event-log.ts",
  "host/containers/host-ctr/host-facts.ts",
  "host/containers/host-ctr/output.ts",
  "host/containers/host-ctr/record-run.ts",
  "host/containers/host-ctr/run.ts",
  "host/containers/host-ctr/tasks.ts",
  "host/containers/images/cached.ts",
  "host/containers/images/ecr/login.ts",
  "host/containers/images/ecr/logins.ts",
  "host/containers/images/pull.ts",
  "host/containers/images/registry.ts",
  "host/containers/images/store-blob.ts",
  "host/containers/images/store-image.ts",
  "host/containers/images/unpack.ts",
  "host/containers/mark-bootstrap.ts",
  "host/containers/run-in-container.ts",
  "host/containers/runtime/containerd.ts",
  "host/containers/runtime/http2/connection.ts",
  "host/containers/runtime/line.ts",
  "host/containers/set-up-bootstrap.ts",
  "host/containers/set-up-host.ts",
  "host/containers/set-up.ts",
  "host/platform/await-address.ts",
  "host/platform/boot-config-owned.ts",
  "host/platform/boot-config-reconcile.ts",
  "host/platform/boot-config.ts",
  "host/platform/boot-outcome.ts",
  "host/platform/configure.ts",
  "host/platform/generators-step.ts",
  "host/platform/kernel-settings.ts",
  "host/platform/network/generate.ts",
  "host/platform/network/identity.ts",
  "host/platform/network/primary-interface.ts",
  "host/platform/orchestrator/set-up-static-pods.ts",
  "host/platform/orchestrator/write-ecs-config.ts",
  "host/platform/own-commands.ts",
  "host/platform/resolver.ts",
  "host/platform/seed.ts",
  "host/platform/sysctls-before.ts",
  "host/platform/trust/trusted-store.ts",
  "host/platform/user-data-refusal.ts",
  "host/platform/user-data-step.ts",
  "host/settings/installed-variant.ts",
  "host/settings/variant-sources.ts",
  "host/status/ask-registries.ts",
  "host/status/look.ts",
  "host/status/what-failed.ts",
  "host/store/migrations/find-store.ts",
  "host/store/migrations/move-store.ts",
  "host/store/migrations/prune-stores.ts",
  "host/store/migrations/rehearse.ts",
  "host/store/open-store.ts",
  "host/store/prepare-store.ts",
  "host/store/read-store.ts",
  "host/store/version-links.ts",
  "host/support/archive.ts",
  "host/support/collect.ts",
  "host/support/contents.ts",
  "host/update/attempts.ts",
  "host/update/activate.ts",
  "host/update/health/judge-boot.ts",
  "host/update/health/unmet-checks.ts",
  "host/update/dispatcher/carry-out.ts",
  "host/update/dispatcher/dispatch.ts",
  "host/update/dispatcher/files.ts",
  "host/update/dispatcher/reading.ts",
  "host/update/dispatcher/sets.ts",
  "host/update/dispatcher/updog.ts",
  "host/update/dispatcher/work.ts",
  "host/update/host-sets.ts",
  "host/update/install/decompress.ts",
  "host/update/install/write-image.ts",
  "host/update/install/write-images.ts",
  "host/update/install/write-partition.ts",
  "host/update/offers.ts",
  "host/update/prepared.ts",
  "host/update/progress-file.ts",
  "host/update/repository/cache.ts",
  "host/update/repository/cached.ts",
  "host/update/repository/downloads.ts",
  "host/update/repository/repository.ts",
  "host/update/repository/roles.ts",
  "host/update/repository/trust-state.ts",
  "host/update/settle-attempt.ts",
  "host/update/take-update.ts",
];

interface Import {
  /** Path in the repository, or the name of a module from outside. */
  readonly from: string;
  /** The names that are used as values; "*" for all of them. None for an import of types only. */
  readonly names: readonly string[];
  /** True for `export … from`: the file only passes the names on. */
  readonly passed: boolean;
  /** True for `import(…)`: loaded when the program comes there. */
  readonly isPutOff: boolean;
}

const sources = new Map(
  [...new Glob("{bin,host,image,containers,sdk,lab,publish,docs,bench,tests}/**/*.ts").scanSync(root)]
    .filter((path) => !/\.test\.ts$|(^|\/)testing[\w-]*\.ts$/.test(path))
    .sort()
    .map((path) => [path, readFileSync(join(root, path), "utf8")]),
);

function importsOf(path: string): readonly Import[] {
  const text = sources.get(path) ?? "";
  const found: Import[] = [];
  for (const [, word, type, clause = "", from = ""] of text.matchAll(
    /^(import|export)\s+(type\s)?([^;"]*?)\s*from\s+"([^"]+)"/gms,
  )) {
    const inBraces = /\{([^}]*)\}/s.exec(clause)?.[1];
    const names = inBraces === undefined ? ["*"] : inBraces.split(",").map((name) => name.trim());
    const values = names.filter((name) => name !== "" && !name.startsWith("type "));
    found.push({
      from: resolve(path, from),
      names: type === undefined ? values.map(firstWord) : [],
      passed: word === "export",
      isPutOff: false,
    });
  }
  for (const [, from = ""] of text.matchAll(/\bimport\(\s*"([^"]+)"\s*\)/g)) {
    found.push({ from: resolve(path, from), names: ["*"], passed: false, isPutOff: true });
  }
  return found;
}

function firstWord(name: string): string {
  return name.split(/\s/)[0] ?? name;
}

function resolve(path: string, from: string): string {
  return from.startsWith(".") ? join(dirname(path), from) : from;
}

function roomOf(path: string): string {
  const [first = "", second = ""] = path.split("/");
  return first === "host" ? `${first}/${second}` : first;
}

describe("arrows between rooms go one way", () => {
  test("every import is along an arrow of the table", () => {
    const against = [...sources.keys()].flatMap((path) =>
      importsOf(path)
        .filter(({ from }) => sources.has(from) && roomOf(from) !== roomOf(path))
        .filter(({ from }) => !arrows[roomOf(path)]?.includes(roomOf(from)))
        .map(({ from }) => `${path} uses ${from}`),
    );
    expect(against).toEqual([]);
  });

  test("the table itself has no ring", () => {
    const reaches = (from: string, seen: readonly string[] = []): readonly string[] =>
      (arrows[from] ?? []).flatMap((to) => (seen.includes(to) ? [to] : [to, ...reaches(to, [...seen, to])]));
    expect(Object.keys(arrows).filter((room) => reaches(room).includes(room))).toEqual([]);
  });
});

/** Modules from outside that compute and do nothing else, and data, which is part of the program. */
const pureModules =
  /^(node:(path|crypto|zlib|url|util|buffer)|liquidjs|toml-eslint-parser|diff\/.*|@tufjs\/models(\/.*)?|tuf-js\/dist\/error\.js)$|\.(toml|json)$/;
const effects =
  /\b(Bun|process)\.|\b(fetch|setTimeout|setInterval)\(|\bnew Date\(\)|\bDate\.now\b|\bperformance\.|\bMath\.random\b|\brandom(UUID|Bytes|Int)\b/;

/** Why a file acts by itself, or undefined. */
function ownEffect(path: string): string | undefined {
  const outside = importsOf(path).find(
    ({ from, names }) => !sources.has(from) && names.length > 0 && !pureModules.test(from),
  );
  if (outside !== undefined) return outside.from;
  const code = (sources.get(path) ?? "")
    .replaceAll('process.getBuiltinModule("node:crypto")', "") // an import of a pure module, put off
    .replace(/\/\*[\s\S]*?\*\/|\/\/.*$/gm, "")
    .replace(/"(\\.|[^"\\\n])*"|\/(\\.|[^/\\\n ])(\\.|[^/\\\n])*\//g, '""');
  return effects.exec(code)?.[0];
}

/** Why a file acts, by itself or through what it uses, or undefined if it decides. */
function effectOf(path: string, seen: ReadonlySet<string> = new Set()): string | undefined {
  const own = ownEffect(path);
  if (own !== undefined) return own;
  for (const { from, names } of importsOf(path)) {
    for (const target of names.flatMap((name) => definedIn(from, name))) {
      if (seen.has(target)) continue;
      if (effectOf(target, new Set([...seen, path, target])) !== undefined) return target;
    }
  }
  return undefined;
}

/** The file that an imported name comes from: a room's index, for one, only passes names on. */
function definedIn(path: string, name: string): readonly string[] {
  if (!sources.has(path)) return [];
  if (name === "*") return [path];
  const passed = importsOf(path).find((each) => each.passed && each.names.includes(name));
  return passed === undefined ? [path] : definedIn(passed.from, name);
}

describe("deciding and acting are different files", () => {
  const rooms = [...sources.keys()].filter(
    (path) =>
      /^host\/(settings|status|store|api|apply|containers|support|update|platform)\//.test(path) &&
      !path.endsWith("/index.ts"),
  );
  const effect = new Map(rooms.map((path) => [path, effectOf(path)]));

  test("what is not listed as acting touches no disk, socket, process or clock", () => {
    const unlisted = rooms.filter((path) => effect.get(path) !== undefined && !acting.includes(path));
    expect(unlisted.map((path) => `${path} acts through ${effect.get(path)}`)).toEqual([]);
  });

  test("what is listed as acting is there and acts", () => {
    expect(acting.filter((path) => effect.get(path) === undefined)).toEqual([]);
  });
});

describe("the API server", () => {
  /** Everything that a file loads as soon as it is loaded itself, modules from outside included. */
  function loadedBy(path: string, seen = new Set<string>()): ReadonlySet<string> {
    if (seen.has(path)) return seen;
    seen.add(path);
    for (const { from, names, isPutOff } of importsOf(path)) {
      if (names.length > 0 && !isPutOff) loadedBy(from, seen);
    }
    return seen;
  }

  test("loads no parser, template engine or module of the runtime that takes megabytes of its memory", () => {
    const loaded = [...loadedBy("host/programs/apiserver.ts")];
    expect(loaded).toContain("host/api/server.ts");
    const heavy =
      /^(liquidjs|toml-eslint-parser|diff|@aws-sdk\/.*|@smithy\/.*|node:(crypto|zlib|http2?|https|tls|stream))$/;
    expect(loaded.filter((module) => heavy.test(module))).toEqual([]);
  });
});

describe("files", () => {
  test("are at most 400 lines long: one idea has a name", () => {
    const long = [...sources].filter(([, text]) => text.split("\n").length > 400).map(([path]) => path);
    expect(long).toEqual([]);
  });
});
