/**
 * Checks documents as the API server does, and as a compiled JSON Schema does, in one process without the JIT like the
 * server's. Prints the milliseconds of each once warm, as JSON.
 *
 * Started as: validation-rounds.ts VARIANT COUNT...
 */
import Ajv2020 from "ajv/dist/2020.js";
import { parseJsonSource } from "../host/settings/index.ts";
import { loadedVariant } from "../tests/settings/variants.ts";
import { documentOfSize } from "./settings-documents.ts";

export interface ValidationTimes {
  readonly count: number;
  readonly oursMs: number;
  readonly oursLeastMs: number;
  readonly schemaMs: number;
}

const WARM_UP = 20;
const ROUNDS = 200;

const [variant = "", ...counts] = process.argv.slice(2);
const { model } = await loadedVariant(variant);
const ajv = new Ajv2020({ strict: true, strictTuples: false, strictTypes: false, strictRequired: false });
const bySchema = ajv.compile(model.schema);

const times = counts.map(Number).map((count): ValidationTimes => {
  const text = JSON.stringify(documentOfSize(count));
  const ours = () => {
    const parsed = parseJsonSource(text);
    return parsed.ok && model.checkSettings(parsed.node).ok;
  };
  const schemas = () => bySchema(JSON.parse(text));
  const taken = sortedMs(ours);
  return {
    count,
    oursMs: median(taken),
    oursLeastMs: taken[0] ?? Number.NaN,
    schemaMs: median(sortedMs(schemas)),
  };
});
console.log(JSON.stringify(times));

function sortedMs(isRight: () => boolean): readonly number[] {
  const taken: number[] = [];
  for (let round = 0; round < WARM_UP + ROUNDS; round++) {
    const begin = performance.now();
    if (!isRight()) throw new Error("a measured document is refused");
    if (round >= WARM_UP) taken.push(performance.now() - begin);
  }
  return taken.sort((a, b) => a - b);
}

function median(sorted: readonly number[]): number {
  return sorted[ROUNDS / 2] ?? Number.NaN;
}
