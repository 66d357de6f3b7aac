/** What other rooms may use of the documentation. */
export { type Reference, referenceOf } from "./reference.ts";
export { readVariantModels } from "./variants.ts";
export { writeDocs } from "./write.ts";
