/** `/etc/updog.toml`: where updates come from, as the settings say (specification "updates" 5). Decides. */
import {
  describeNode,
  type Position,
  type Problem,
  problemText,
  type SourceNode,
} from "../settings/source.ts";
import { parseTomlSource } from "../settings/toml-source.ts";
import { parseVersionLock, type Wish } from "./choose.ts";
import { fail } from "./failures.ts";

export interface UpdogConfig {
  readonly metadataUrl: string;
  readonly targetsUrl: string;
  readonly seed: number;
  readonly versionLock: Wish;
  readonly ignoreWaves: boolean;
  /** Absent when it is empty, too. */
  readonly httpsProxy?: string;
  readonly noProxy: readonly string[];
}

/**
 * Reads the configuration. Keys that are not known are ignored.
 *
 * @param file  its name, for the message
 * @throws Failure "updog/bad-config" with every problem, its line and its key
 */
export function parseUpdogConfig(file: string, text: string): UpdogConfig {
  const parsed = parseTomlSource(text);
  const reader = new Reader(parsed.ok ? [] : [...parsed.problems]);
  const config = parsed.ok ? reader.config(parsed.node) : undefined;
  if (config !== undefined && reader.problems.length === 0) return config;
  throw fail("updog/bad-config", {
    file,
    problems: reader.problems.map((problem) => problemText(problem, file)),
  });
}

/**
 * The variables that make requests go through the proxy. None when there is no proxy: then what the process was started
 * with holds.
 */
export function proxyVariables({ httpsProxy, noProxy }: UpdogConfig): Readonly<Record<string, string>> {
  if (httpsProxy === undefined) return {};
  return { HTTPS_PROXY: httpsProxy, ...(noProxy.length === 0 ? {} : { NO_PROXY: noProxy.join(",") }) };
}

const HIGHEST_SEED = 0xffff_ffffn;
const LATEST: Wish = { kind: "latest" };

/** Goes on after a problem, to find the others; what it then returns is only a stand-in. */
class Reader {
  constructor(readonly problems: Problem[]) {}

  config(document: SourceNode): UpdogConfig {
    const entries = document.kind === "table" ? document.entries : [];
    const fields = new Map(entries.map(({ name, value }) => [name, value]));
    const needed = {
      metadataUrl: this.url(fields, "metadata_base_url"),
      targetsUrl: this.url(fields, "targets_base_url"),
      seed: this.seed(fields),
      versionLock: this.versionLock(fields),
      ignoreWaves: this.flag(fields, "ignore_waves"),
    };
    const httpsProxy = fields.has("https_proxy") ? this.text(fields, "https_proxy") : "";
    return {
      ...needed,
      ...(httpsProxy === "" ? {} : { httpsProxy }),
      noProxy: fields.has("no_proxy") ? this.texts(fields, "no_proxy") : [],
    };
  }

  private url(fields: Fields, key: string): string {
    const text = this.text(fields, key);
    const protocol = URL.parse(text)?.protocol ?? "";
    if (fields.has(key) && !["https:", "http:", "file:"].includes(protocol)) {
      this.wrong(key, fields.get(key), "a complete URL, such as https://updates.example.com/metadata/");
    }
    return text;
  }

  private seed(fields: Fields): number {
    const node = fields.get("seed");
    if (node?.kind === "integer" && node.value >= 0n && node.value <= HIGHEST_SEED) return Number(node.value);
    this.wrong("seed", node, `a whole number from 0 to ${HIGHEST_SEED}`);
    return 0;
  }

  private versionLock(fields: Fields): Wish {
    const node = fields.get("version_lock");
    const wish = node?.kind === "string" ? parseVersionLock(node.value) : undefined;
    if (wish === undefined) this.wrong("version_lock", node, '"latest" or a version such as "v1.11.1"');
    return wish ?? LATEST;
  }

  private flag(fields: Fields, key: string): boolean {
    const node = fields.get(key);
    if (node?.kind === "boolean") return node.value;
    this.wrong(key, node, "true or false");
    return false;
  }

  private text(fields: Fields, key: string): string {
    const node = fields.get(key);
    if (node?.kind === "string") return node.value;
    this.wrong(key, node, "a string");
    return "";
  }

  private texts(fields: Fields, key: string): readonly string[] {
    const node = fields.get(key);
    const items = node?.kind === "list" ? node.items : [];
    const texts = items.flatMap((item) => (item.kind === "string" ? [item.value] : []));
    if (node?.kind !== "list" || texts.length !== items.length) this.wrong(key, node, "a list of strings");
    return texts;
  }

  private wrong(key: string, node: SourceNode | undefined, accepted: string): void {
    if (this.problems.some((problem) => problem.key === key)) return;
    const at: { at?: Position } = node?.at === undefined ? {} : { at: node.at };
    const problem = node === undefined ? "missing" : `found ${describeNode(node)}`;
    this.problems.push({ key, problem, accepted, ...at });
  }
}

type Fields = ReadonlyMap<string, SourceNode>;
