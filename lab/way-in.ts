/**
 * The way into a host that has no shell on its console: its admin container, from the lab's registry, with the lab's SSH
 * key. It is in the user data of the first boot, as for any host; what somebody's own user data say wins over it.
 */
import { join } from "node:path";
import type { Json } from "../host/settings/index.ts";
import { readVariantSources } from "../host/settings/variant-sources.ts";
import type { Progress, Sdk } from "../sdk/index.ts";
import type { Provisioning } from "./private-partition.ts";
import { publishToLab } from "./publish.ts";
import { registrySettings } from "./registry-settings.ts";
import { ensureSshKey } from "./ssh.ts";
import { isTable, joined, settingsIn, type Table, tableAt, userDataOf } from "./user-data.ts";

const VARIANTS = join(import.meta.dirname, "../variants");

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
  return { ...given, userData: userDataOf(merged) };
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

/** As a list, also of those that are given as a table from registry to endpoints. */
function mirrorsIn(settings: Table): readonly Json[] {
  const { mirrors } = tableAt(settings, "container-registry");
  if (Array.isArray(mirrors)) return mirrors;
  return isTable(mirrors)
    ? Object.entries(mirrors).map(([registry, endpoint]) => ({ registry, endpoint }))
    : [];
}
