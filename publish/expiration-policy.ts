/** Expiration policies: how long what was published may be trusted (specification "updates" 15). Decides. */
import type { DurationNs } from "./durations.ts";
import { parseToml } from "./toml-file.ts";
import { readDuration } from "./wave-policy.ts";

export interface ExpirationPolicy {
  readonly snapshot: DurationNs;
  readonly targets: DurationNs;
  readonly timestamp: DurationNs;
}

/**
 * Reads a policy.
 *
 * @param file  its name, for the messages
 * @throws publish/bad-file
 */
export function parseExpirationPolicy(file: string, text: string): ExpirationPolicy {
  return parseToml(file, text, (reader, document) => {
    const fields = reader.table("", document, [
      "snapshot_expiration",
      "targets_expiration",
      "timestamp_expiration",
    ]);
    const of = (role: string) => readDuration(reader, `${role}_expiration`, fields.get(`${role}_expiration`));
    return { snapshot: of("snapshot"), targets: of("targets"), timestamp: of("timestamp") };
  });
}
