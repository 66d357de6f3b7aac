/**
 * The update repository, as a host sees it: fetched and verified, or the copy that is left for the next boot. Loads the
 * library of the format, which takes time: programs import this only when they need a repository.
 */

export { cachePlaces, stageCopy } from "./cache.ts";
export { openCachedRepository } from "./cached.ts";
// The publisher looks at its repository as hosts do.
export { Downloads } from "./downloads.ts";
export { openRepository, type Repository, trustedRootFile } from "./repository.ts";
export { type RoleFiles, verifyRoles } from "./roles.ts";
