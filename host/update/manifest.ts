/**
 * `manifest.json`: the updates and migrations of a repository (specification "updates" 13.1). Decides.
 *
 * Readers ignore fields they do not know. Bounds and `max_version` are taken as they are: what they mean is the business
 * of who chooses.
 */
// Not by the index: it loads every group of settings, and programs that only look at the partition sets load this too.
import { parseJsonSource } from "../settings/json-source.ts";
import {
  describeNode,
  type Position,
  type Problem,
  problemText,
  type SourceNode,
} from "../settings/source.ts";
import { fail } from "./failures.ts";
import { instantText, parseInstant } from "./instants.ts";
import { parseVersion, type Version } from "./version.ts";
import type { Waves } from "./waves.ts";

export interface Update {
  readonly variant: string;
  readonly arch: string;
  readonly version: Version;
  readonly maxVersion: Version;
  readonly waves: Waves;
  /** Names of targets. */
  readonly images: { readonly boot: string; readonly root: string; readonly hash: string };
}

/** The migrations from one version to the next, in the order in which they run forward. */
export interface MigrationStep {
  readonly from: Version;
  readonly to: Version;
  /** Names of targets. */
  readonly names: readonly string[];
}

export interface Manifest {
  readonly updates: readonly Update[];
  readonly migrations: readonly MigrationStep[];
}

/**
 * Reads a manifest.
 *
 * @param name  of the file, for the message
 * @throws Failure "manifest/bad" with every problem and its line and column
 */
export function parseManifest(name: string, text: string): Manifest {
  const parsed = parseJsonSource(text);
  const problems: Problem[] = parsed.ok ? [] : [...parsed.problems];
  const manifest = parsed.ok ? new Reader(problems).manifest(parsed.node) : undefined;
  if (manifest !== undefined && problems.length === 0) return manifest;
  throw fail("manifest/bad", { problems: problems.map((problem) => problemText(problem, name)) });
}

/** The text of a manifest, with its fields, waves and migrations in the order in which the reference writes them. */
export function manifestText(manifest: Manifest): string {
  const updates = manifest.updates.map(updateJson);
  const migrations = Object.fromEntries(
    manifest.migrations.map(({ from, to, names }) => [`(${from.text}, ${to.text})`, names]),
  );
  return `${JSON.stringify({ updates, migrations }, undefined, 2)}\n`;
}

/** An update as it stands in a manifest, with its fields and waves in the order in which the reference writes them. */
export function updateJson({ variant, arch, version, maxVersion, waves, images }: Update): object {
  return {
    variant,
    arch,
    version: version.text,
    max_version: maxVersion.text,
    // Names that are whole numbers come out in ascending order by themselves.
    waves: Object.fromEntries([...waves].map(([bound, time]) => [bound, instantText(time)])),
    images: { boot: images.boot, root: images.root, hash: images.hash },
  };
}

/**
 * The two versions of a key such as `(1.11.0, 1.11.1)`, or undefined. Any number of spaces may follow the comma, and what
 * stands around the parentheses is ignored.
 */
export function parseMigrationKey(key: string): Pick<MigrationStep, "from" | "to"> | undefined {
  const [, first = "", second = ""] = /\(([^(),]+),[ ]*([^(),]+)\)/.exec(key) ?? [];
  const [from, to] = [parseVersion(first), parseVersion(second)];
  return from === undefined || to === undefined ? undefined : { from, to };
}

type Field = SourceNode | undefined;

/** Goes on after a problem, to find the others; what it then returns is only a stand-in. */
class Reader {
  constructor(private readonly problems: Problem[]) {}

  manifest(document: SourceNode): Manifest {
    const fields = this.table("", document);
    return {
      updates: this.list("updates", fields.get("updates")).map((item, index) =>
        this.update(`updates[${index}]`, item),
      ),
      migrations: this.migrations(fields.get("migrations")),
    };
  }

  private update(key: string, node: SourceNode): Update {
    const fields = this.table(key, node);
    const images = this.table(`${key}.images`, fields.get("images"));
    const image = (name: string) => this.text(`${key}.images.${name}`, images.get(name));
    return {
      variant: this.text(`${key}.variant`, fields.get("variant")),
      arch: this.text(`${key}.arch`, fields.get("arch")),
      version: this.version(`${key}.version`, fields.get("version")),
      maxVersion: this.version(`${key}.max_version`, fields.get("max_version")),
      waves: this.waves(`${key}.waves`, fields.get("waves")),
      images: { boot: image("boot"), root: image("root"), hash: image("hash") },
    };
  }

  private waves(key: string, node: Field): Waves {
    const waves = new Map<number, bigint>();
    for (const [name, value] of this.table(key, node)) {
      const bound = /^[0-9]{1,10}$/.test(name) ? Number(name) : Number.POSITIVE_INFINITY;
      const time = value.kind === "string" ? parseInstant(value.value) : undefined;
      if (bound > 0xffff_ffff) {
        this.problem(key, value, `found the bound ${JSON.stringify(name)}`, "a whole number below 2^32");
      } else if (waves.has(bound)) {
        this.problem(key, value, `the bound ${bound} is given twice`, "each bound once");
      } else if (time === undefined) {
        this.problem(`${key}.${name}`, value, `found ${describeNode(value)}`, "a time as in RFC 3339");
      } else waves.set(bound, time);
    }
    return waves;
  }

  private migrations(node: Field): readonly MigrationStep[] {
    const steps = new Map<string, MigrationStep>();
    for (const [name, value] of this.table("migrations", node)) {
      const pair = parseMigrationKey(name);
      const key = `migrations.${JSON.stringify(name)}`;
      if (pair === undefined) {
        this.problem(key, value, "not two versions", 'a key like "(1.11.0, 1.11.1)"');
        continue;
      }
      const names = this.list(key, value).map((item, index) => this.text(`${key}[${index}]`, item));
      const same = `${pair.from.text}, ${pair.to.text}`;
      if (steps.has(same)) this.problem(key, value, `(${same}) is given twice`, "each pair once");
      steps.set(same, { ...pair, names });
    }
    return [...steps.values()];
  }

  private table(key: string, node: Field): ReadonlyMap<string, SourceNode> {
    if (node?.kind === "table") return new Map(node.entries.map(({ name, value }) => [name, value]));
    this.wrong(key, node, "an object");
    return new Map();
  }

  private list(key: string, node: Field): readonly SourceNode[] {
    if (node?.kind === "list") return node.items;
    this.wrong(key, node, "a list");
    return [];
  }

  private text(key: string, node: Field): string {
    if (node?.kind === "string") return node.value;
    this.wrong(key, node, "a string");
    return "";
  }

  private version(key: string, node: Field): Version {
    const found = node?.kind === "string" ? parseVersion(node.value) : undefined;
    if (found === undefined) this.wrong(key, node, "a version like 1.11.1, without v");
    return found ?? { text: "", numbers: [0n, 0n, 0n], preRelease: [], build: [] };
  }

  private wrong(key: string, node: Field, accepted: string): void {
    this.problem(key, node, node === undefined ? "missing" : `found ${describeNode(node)}`, accepted);
  }

  private problem(
    key: string,
    node: { readonly at?: Position } | undefined,
    problem: string,
    accepted: string,
  ): void {
    this.problems.push({ key, problem, accepted, ...(node?.at === undefined ? {} : { at: node.at }) });
  }
}
