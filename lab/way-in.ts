/**
 * The way into a host that has no shell on its console: its admin container, from the lab's registry, with the lab's SSH
 * key. It is in the user data of the first boot, as for any host; what somebody's own user data say wins over it.
 */
import { join } from "node:path";
import { stringify } from "smol-toml";
import { readVariantModel } from "../docs/variants.ts";
import { readUserData } from "../host/platform/user-data.ts";
import { type Json, problemText } from "../host/settings/index.ts";
import { readVariantSources } from "../host/settings/variant-sources.ts";
import type { Progress, Sdk } from "../sdk/index.ts";
import { fail } from "./failures.ts";
import type { Provisioning } from "./private-partition.ts";
import { publishToLab } from "./publish.ts";
import { registrySettings } from "./registry-settings.ts";
import { ensureSshKey } from "./ssh.ts";

type Table = { readonly [name: string]: Json };

const VARIANTS = join(import.meta.dirname, "../variants");
const NOTHING: Table = {};

/** Whether whoever reaches a console of such a host has a root shell: what the units of development variants start. */
export async function hasShellOnConsole(variant: string): Promise<boolean> {
  return (await readVariantSources(VARIANTS, variant)).definition.units.includes("development");
}

/**
 * Makes the key and publishes the containers as far as that is not done yet, and adds both to the user data.
 *
 * @throws lab/user-data-wrong: a host uses nothing of a wrong document, and there would be no way in to see why
 */
export async function withWayIn(
  sdk: Sdk,
  variant: string,
  given: Provisioning,
  progress: Progress,
): Promise<Provisioning> {
  const own = await settingsIn(given.userData, variant);
  const { publicKey } = await ensureSshKey(sdk);
  const { registry, images } = await publishToLab(sdk, [], progress);
  const added = await settingsIn(registrySettings(registry, images, ["admin"]), variant);
  const merged = addWayIn(own, added, publicKey);
  return { ...given, userData: stringify({ settings: merged }) };
}

/** What stands below `settings` in user data. @throws lab/user-data-wrong */
export async function settingsIn(userData: string | undefined, variant: string): Promise<Table> {
  const { model } = await readVariantModel(variant);
  const read = readUserData(Buffer.from(userData ?? ""), model);
  switch (read.kind) {
    case "empty":
      return NOTHING;
    case "wrong": {
      const problems = read.problems.map((problem) => problemText(problem, "user data"));
      throw fail("lab/user-data-wrong", { variant, problems });
    }
    case "settings":
      return read.settings;
  }
}

/**
 * Somebody's own settings with the way in added: tables are joined, and of two values somebody's own stays. The mirrors
 * are one list, and both are in it.
 *
 * @param added  where the containers come from, and which of them run
 */
export function addWayIn(own: Table, added: Table, publicKey: string): Table {
  const userData = Buffer.from(JSON.stringify({ ssh: { "authorized-keys": [publicKey] } })).toString(
    "base64",
  );
  const admin = { "host-containers": { admin: { "user-data": userData } } };
  const all = joined(joined(own, added), admin);
  const mirrors = [...mirrorsIn(own), ...mirrorsIn(added)];
  return { ...all, "container-registry": { ...tableAt(all, "container-registry"), mirrors } };
}

/** What in somebody's own settings keeps the lab from getting in, as sentences; none when nothing does. */
export function obstaclesIn(own: Table): readonly string[] {
  const admin = tableAt(tableAt(own, "host-containers"), "admin");
  const said: string[] = [];
  if (admin.enabled === false) said.push("it disables the admin container");
  if (admin.superpowered === false)
    said.push("its admin container is not superpowered, and cannot enter the host");
  if (admin["user-data"] !== undefined)
    said.push(
      "it has user-data of its own for the admin container, which must hold the key of build/ssh/id_ed25519.pub",
    );
  return said;
}

function joined(first: Table, second: Table): Table {
  const result: { [name: string]: Json } = { ...second, ...first };
  for (const [name, value] of Object.entries(second)) {
    const other = first[name];
    if (isTable(value) && isTable(other)) result[name] = joined(other, value);
  }
  return result;
}

/** As a list, also of those that are given as a table from registry to endpoints. */
function mirrorsIn(settings: Table): readonly Json[] {
  const { mirrors } = tableAt(settings, "container-registry");
  if (Array.isArray(mirrors)) return mirrors;
  return isTable(mirrors)
    ? Object.entries(mirrors).map(([registry, endpoint]) => ({ registry, endpoint }))
    : [];
}

function tableAt(table: Table, name: string): Table {
  const value = table[name];
  return isTable(value) ? value : NOTHING;
}

function isTable(value: Json | undefined): value is Table {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
