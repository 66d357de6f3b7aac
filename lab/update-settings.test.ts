/** The settings that have a host of the lab updated, put before the model that hosts check theirs with. */
import { expect, it } from "bun:test";
import { updateCommand, updateSettings } from "./update-settings.ts";
import { joined, settingsIn, userDataOf } from "./user-data.ts";

const VARIANT = "metal-dev";
const FROM_LAB = {
  updates: {
    "metadata-base-url": "http://10.0.2.2:40123/metal-dev/x86_64/",
    "targets-base-url": "http://10.0.2.2:40123/targets/",
    "ignore-waves": true,
  },
};

it("a host takes its updates from the repository that is served to it, and its settings are valid", async () => {
  expect(await settingsIn(userDataOf(updateSettings(40123, VARIANT)), VARIANT)).toEqual(FROM_LAB);
});

it("what somebody's own user data say of updates stays, and everything else they say", async () => {
  const own = await settingsIn(
    `[settings]\nmotd = "mine"\n[settings.updates]\nignore-waves = false\nseed = 7\n`,
    VARIANT,
  );
  expect(await settingsIn(userDataOf(joined(own, updateSettings(40123, VARIANT))), VARIANT)).toEqual({
    motd: "mine",
    updates: { ...FROM_LAB.updates, "ignore-waves": false, seed: 7 },
  });
});

it("a host that has its settings already is told by one command", () => {
  expect(updateCommand(40123, VARIANT)).toBe(
    "apiclient set updates.metadata-base-url=http://10.0.2.2:40123/metal-dev/x86_64/ " +
      "updates.targets-base-url=http://10.0.2.2:40123/targets/ updates.ignore-waves=true",
  );
});
