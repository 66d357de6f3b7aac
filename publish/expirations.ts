/** When the roles of a repository expire. Decides. */
import type { TrustedRepository } from "./trusted.ts";

export interface RoleExpiry {
  readonly role: string;
  /** As it stands in the metadata. */
  readonly expires: string;
  readonly state: "expired" | "expires soon" | "good";
}

/** @param limit  roles that expire at or before this are not good any more */
export function roleExpiries(repository: TrustedRepository, now: Date, limit: Date): readonly RoleExpiry[] {
  return (["root", "timestamp", "snapshot", "targets"] as const).map((role) => {
    const { expires } = repository[role].signed;
    const at = new Date(expires);
    const state = at <= now ? "expired" : at <= limit ? "expires soon" : "good";
    return { role, expires, state };
  });
}
