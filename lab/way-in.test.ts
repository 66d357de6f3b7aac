/** What the lab adds to the user data of a host that has no shell on its console, and what it leaves alone. */
import { describe, expect, it } from "bun:test";
import { stringify } from "smol-toml";
import type { Json } from "../host/settings/index.ts";
import { registrySettings } from "./registry-settings.ts";
import { settingsIn } from "./user-data.ts";
import { addWayIn, hasShellOnConsole, obstaclesIn } from "./way-in.ts";

const VARIANT = "metal-base";
const KEY = "ssh-ed25519 AAAA pinwheel-lab";
const registry = { url: "http://127.0.0.1:40123", nameForGuests: "10.0.2.2:40123" };
const images = ["admin", "control"].map((name) => ({
  name,
  repository: `pinwheel-${name}`,
  version: "1.11.1",
}));
const mirror = { registry: "10.0.2.2:40123", endpoint: ["http://10.0.2.2:40123"] };
const userData = Buffer.from(`{"ssh":{"authorized-keys":["${KEY}"]}}`).toString("base64");
const admin = {
  source: "10.0.2.2:40123/pinwheel-admin:1.11.1",
  enabled: true,
  superpowered: true,
  "user-data": userData,
};
const control = { source: "10.0.2.2:40123/pinwheel-control:1.11.1", enabled: false, superpowered: false };

/** What a host gets whose owner gave this, read back as the host reads it. */
async function merged(own: string): Promise<Json> {
  const added = await settingsIn(registrySettings(registry, images, ["admin"]), VARIANT);
  const settings = addWayIn(await settingsIn(own, VARIANT), added, KEY);
  return settingsIn(stringify({ settings }), VARIANT);
}

describe("the way into a host without a shell on its console", () => {
  it("is its admin container, running, with the lab's key; the control container is there to be enabled", async () => {
    expect(await merged("")).toEqual({
      "container-registry": { mirrors: [mirror] },
      "host-containers": { admin, control },
    });
  });

  it("is added to somebody's own user data, of which everything stays", async () => {
    const own = `[settings]\nmotd = "Mine"\n[settings.host-containers.mine]\nsource = "r.example/m:1"\n
      [settings.host-containers.control]\nenabled = true\n
      [settings.container-registry]\nmirrors = { "docker.io" = ["https://cache.example"] }\n`;
    expect(await merged(own)).toEqual({
      motd: "Mine",
      "container-registry": {
        mirrors: [{ registry: "docker.io", endpoint: ["https://cache.example"] }, mirror],
      },
      "host-containers": {
        mine: { source: "r.example/m:1" },
        admin,
        control: { ...control, enabled: true },
      },
    });
  });

  it("gives way to somebody's own admin container, and what that keeps the lab from is said", async () => {
    const own = `[settings.host-containers.admin]\nenabled = false\nsuperpowered = false\nuser-data = "e30="\n`;
    expect(await merged(own)).toMatchObject({
      "host-containers": { admin: { enabled: false, superpowered: false, "user-data": "e30=" } },
    });
    expect(obstaclesIn(await settingsIn(own, VARIANT))).toEqual([
      "it disables the admin container",
      "its admin container is not superpowered, and cannot enter the host",
      "it has user-data of its own for the admin container, which must hold the key of build/ssh/id_ed25519.pub",
    ]);
    expect(
      obstaclesIn(await settingsIn(`[settings.host-containers.admin]\nenabled = true\n`, VARIANT)),
    ).toEqual([]);
  });

  it("refuses user data of which a host would use nothing, with what is wrong and where", async () => {
    await expect(settingsIn(`[settings]\nmotd = "x"\nmotto = "y"\n`, VARIANT)).rejects.toThrow(
      /^A host with metal-base would use nothing of this user data:\nuser data:3:1: settings\.motto: /,
    );
  });

  it("is needed by production variants alone", async () => {
    expect([await hasShellOnConsole("metal-dev"), await hasShellOnConsole("metal-base")]).toEqual([
      true,
      false,
    ]);
  });
});
