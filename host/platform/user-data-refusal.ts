/**
 * User data that an earlier boot refused. It is told as a failure once; a file that nobody changed since must not
 * fail every boot that follows.
 */

import { createHash } from "node:crypto";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { failureText } from "../linux/failure.ts";
import { readTextIfExists, writeWhole } from "../linux/files.ts";
import { type BootHost, stageUserData, type UserDataResult } from "./user-data-step.ts";

/** Holds the digest of the document that was refused last. */
const refusalFile = "/var/lib/bottlerocket/early-boot-config.refused";

/**
 * Stages user data. A document refused before is judged anew, as another image may accept it; refused again, it is
 * a warning, with the same problems.
 */
export async function stageUnlessRefusedBefore(host: BootHost): Promise<UserDataResult> {
  const result = await stageUserData(host);
  const { refused } = result;
  const path = join(host.root, refusalFile);
  try {
    if (refused === undefined) {
      await rm(path, { force: true });
      return result;
    }
    const digest = createHash("sha256").update(refused).digest("hex");
    if ((await readTextIfExists(path))?.trim() === digest) {
      const summary = `an earlier boot refused the same user data; ${result.summary}`;
      return { ...result, outcome: "skipped", summary, warns: true };
    }
    await writeWhole(path, `${digest}\n`, { mode: 0o600, durable: true });
  } catch (error) {
    host.log.warn(`${refusalFile} is not kept; the next boot tells the same again: ${failureText(error)}`);
  }
  return result;
}
