/** Documents for measurements: everything set once, and as many settings as wanted. */
import type { Declaration } from "../host/settings/declaration.ts";
import type { Json, Model } from "../host/settings/index.ts";

/** Every setting of a model with the value that its declaration gives as an example. */
export function documentOfExamples(model: Model): Json {
  return exampleOf(model.declaration);
}

function exampleOf(declaration: Declaration): Json {
  const example = declaration.about?.example;
  if (declaration.kind !== "group") {
    if (example === undefined) throw new Error("a setting has no example in its declaration");
    return example;
  }
  const members = Object.entries(declaration.members).map(([name, member]) => [name, exampleOf(member)]);
  return Object.fromEntries(members);
}

/** A document of so many settings. */
export function documentOfSize(count: number, value = "1"): { readonly [group: string]: Json } {
  const names = Array.from({ length: count }, (_, at) => `net.core.bench_${at}`);
  return { kernel: { sysctl: Object.fromEntries(names.map((name) => [name, value])) } };
}
