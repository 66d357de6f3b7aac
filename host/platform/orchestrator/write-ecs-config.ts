/** The configuration of the agent of Amazon ECS, on the disk. */
import { mkdir } from "node:fs/promises";
import { dirname, join } from "node:path";
import { readTextIfExists, writeWhole } from "../../linux/files.ts";
import type { Remark } from "../remarks.ts";
import { ecsConfig } from "./ecs-config.ts";
import { orchestratorFailure } from "./failures.ts";

/**
 * Writes `/etc/ecs/ecs.config.json`, if it is not so already.
 *
 * @param model  what the API answers to `GET /`: members `settings` and `os`
 * @returns what was done
 * @throws  Failure if groups of settings are missing; the file is then untouched
 */
export async function writeEcsConfig(root: string, model: object): Promise<readonly Remark[]> {
  const os: unknown = Reflect.get(model, "os");
  const variantId: unknown =
    typeof os === "object" && os !== null ? Reflect.get(os, "variant_id") : undefined;
  const config = ecsConfig(Reflect.get(model, "settings"), String(variantId));
  const what = "the configuration of the ECS agent";
  if ("missing" in config) {
    throw orchestratorFailure("orchestrator/no-settings", { what, missing: config.missing });
  }
  const path = join(root, "etc/ecs/ecs.config.json");
  if ((await readTextIfExists(path)) === config.text) return [];
  await mkdir(dirname(path), { recursive: true });
  // Not durable: /etc is made anew at every boot.
  await writeWhole(path, config.text, { durable: false });
  return [{ level: "info", text: `${what} is written to ${path}` }];
}
