/** Migrations: what other rooms may use. Not in the store's own index: most who use the store never migrate it. */
export { type FoundStore, findStore } from "./find-store.ts";
export { type Migration, migrationText, parseMigration, readMigration } from "./format.ts";
export { moveStore, returnToKept } from "./move-store.ts";
export { rehearseMigrations } from "./rehearse.ts";
export type { Direction, Render } from "./steps.ts";
