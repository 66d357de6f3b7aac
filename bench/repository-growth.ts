/** How the number of releases in a repository tells when it is built, and when one more is added to it. */
import { mkdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type Manifest, type MigrationStep, parseVersion, type Version } from "../host/update/index.ts";
import { asDate, findRepo, nowNs, readRoot } from "../publish/context.ts";
import { loadPublished } from "../publish/load-published.ts";
import { readManifest } from "../publish/manifest-target.ts";
import { placesBelow } from "../publish/places.ts";
import { readExpirationPolicy } from "../publish/policy-files.ts";
import { publish } from "../publish/publish.ts";
import { readKey } from "../publish/read-key.ts";
import { addRelease, emptyManifest } from "../publish/release.ts";
import type { TargetSource } from "../publish/targets.ts";
import type { Progress } from "../sdk/index.ts";
import { growthExponent, type Point } from "./growth.ts";
import type { Figure } from "./report.ts";

const COUNTS = [1, 10, 100, 500];
const ROUNDS = 3;
/** Linear, and what measuring adds to it. */
const LINEAR = 1.1;
const KIND = { variant: "metal-base", arch: "x86_64" };
const TOOL = join(import.meta.dirname, "../bin/pinwheel");
const quiet: Progress = { step: (_name, work) => work(() => undefined) };

/** An LZ4 frame of nothing: what images hold does not tell here, only how many there are. */
const EMPTY_FRAME = Buffer.from("04224d186440a700000000055dcc02", "hex");

export async function repositoryGrowth(
  scratch: string,
  progress: (line: string) => void,
): Promise<readonly Figure[]> {
  const desk = join(scratch, "publisher");
  await mkdir(desk);
  await writeFile(
    join(desk, "Infra.toml"),
    '[repo.default]\nsigning_keys = { file = { path = "key.pem" } }\n',
  );
  const keys = Bun.spawn([TOOL, "repo", "keys", "--type", "ed25519"], { cwd: desk, stdout: "ignore" });
  if ((await keys.exited) !== 0) throw new Error("there are no keys to sign with; see above");
  const building: Point[] = [];
  const adding: Point[] = [];
  for (const count of COUNTS) {
    progress(`a repository of ${count} releases`);
    const times = { building: [] as number[], adding: [] as number[] };
    for (let round = 0; round < ROUNDS; round++) {
      const out = join(desk, "repository");
      times.building.push(await build(desk, out, count));
      times.adding.push(await addOne(desk, out, join(desk, "next"), count));
      await rm(out, { recursive: true });
      await rm(join(desk, "next"), { recursive: true });
    }
    building.push([count, Math.min(...times.building)]);
    adding.push([count, Math.min(...times.adding)]);
  }
  return [
    growthFigure("building a repository", building),
    growthFigure("adding one release to a repository", adding),
  ];
}

function growthFigure(what: string, points: readonly Point[]): Figure {
  const times = points.map(([count, ms]) => `${count}: ${ms.toFixed(0)} ms`).join(", ");
  return {
    what: `growth of ${what} with its releases (${times})`,
    unit: "exponent",
    // A repository of one release is all overhead: it would make any growth look flat.
    ours: growthExponent(points.slice(1)),
    goal: { atMost: LINEAR, of: "value" },
  };
}

/** All releases at once. @returns milliseconds */
async function build(desk: string, out: string, count: number): Promise<number> {
  let manifest = emptyManifest;
  const added: TargetSource[] = [];
  for (let n = 1; n <= count; n++) {
    manifest = withRelease(manifest, n);
    added.push(...partsOf(n));
  }
  const begin = performance.now();
  await publishTo(desk, out, { published: undefined, manifest, added });
  return performance.now() - begin;
}

/** One more: the published repository is read and verified, and brought along. @returns milliseconds */
async function addOne(desk: string, from: string, out: string, count: number): Promise<number> {
  const repo = await findRepo(optionsOf(desk));
  const begin = performance.now();
  const places = placesBelow(from, KIND.variant, KIND.arch);
  const { repository } = await loadPublished(repo, places, asDate(nowNs()));
  if (repository === undefined) throw new Error(`${from} was not published`);
  await publishTo(desk, out, {
    published: repository,
    manifest: withRelease(await readManifest(repository), count + 1),
    added: partsOf(count + 1),
  });
  return performance.now() - begin;
}

async function publishTo(
  desk: string,
  out: string,
  what: Pick<Parameters<typeof publish>[0], "published" | "manifest" | "added">,
): Promise<void> {
  const repo = await findRepo(optionsOf(desk));
  await publish(
    {
      ...what,
      directory: join(out, KIND.variant, KIND.arch),
      targetsDirectory: join(out, "targets"),
      rootFile: repo.rootFile,
      root: await readRoot(repo),
      key: await readKey(join(desk, "key.pem")),
      expirations: await readExpirationPolicy("2w-2w-1w"),
      now: nowNs(),
    },
    quiet,
  );
}

const optionsOf = (desk: string) => ({
  repo: "default",
  infra: join(desk, "Infra.toml"),
  root: join(desk, "roles/default.root.json"),
});

function withRelease(manifest: Manifest, n: number): Manifest {
  const version = versionOf(n);
  return addRelease(manifest, { ...KIND, version, waves: new Map(), images: namesOf(n) }, stepsTo(n));
}

/** From each release to the next, with nothing to do: the question is how long it takes to find that out. */
function stepsTo(n: number): readonly MigrationStep[] {
  const versions = Array.from({ length: n }, (_, before) => versionOf(before + 1));
  return versions.slice(1).map((to, before) => ({ from: versions[before] ?? to, to, names: [] }));
}

function versionOf(n: number): Version {
  const version = parseVersion(`1.${n}.0`);
  if (version === undefined) throw new Error(`1.${n}.0 is no version`);
  return version;
}

const namesOf = (n: number) => ({
  boot: `pinwheel-1.${n}.0-boot.ext4.lz4`,
  root: `pinwheel-1.${n}.0-root.ext4.lz4`,
  hash: `pinwheel-1.${n}.0-root.verity.lz4`,
});

const partsOf = (n: number): readonly TargetSource[] =>
  Object.values(namesOf(n)).map((name) => ({ kind: "bytes", name, bytes: EMPTY_FRAME }));
