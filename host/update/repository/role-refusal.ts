/** What the library's complaints about a role mean for people. Decides. */
import { LengthOrHashMismatchError, UnsignedMetadataError } from "@tufjs/models/dist/error.js";
import { BadVersionError, ExpiredMetadataError } from "tuf-js/dist/error.js";
import { type Failure, messageOf } from "../../linux/failure.ts";
import { fail } from "./failures.ts";

/** @param expires  as it stands in the role */
export function expired(role: string, url: string, expires: string, now: Date): Failure {
  return fail("repository/expired", { role, url, expires, now: `${now.toISOString().slice(0, 19)}Z` });
}

/** @param bytes  the role's file, which the library has complained of */
export function refusalOf(
  role: string,
  url: string,
  bytes: Buffer,
  cause: unknown,
  now: Date | "whenever",
): Failure {
  const problem = messageOf(cause);
  const facts = { role, url, problem };
  if (cause instanceof ExpiredMetadataError && now !== "whenever") {
    // Signed and read already, or it would be another complaint.
    const { expires }: { readonly expires: string } = JSON.parse(bytes.toString()).signed;
    return expired(role, url, expires, now);
  }
  if (cause instanceof UnsignedMetadataError) return fail("repository/unsigned", facts, { cause });
  if (cause instanceof LengthOrHashMismatchError) return fail("repository/mixed", facts, { cause });
  // One kind of error is about versions; only its words say of what.
  const isOlder = /less than current version|Missing file/.test(problem);
  if (isOlder) return fail("repository/rollback", facts, { cause });
  return fail(cause instanceof BadVersionError ? "repository/mixed" : "repository/malformed", facts, {
    cause,
  });
}
