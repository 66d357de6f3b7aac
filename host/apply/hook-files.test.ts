/** The hooks of containers (specification "rendered-config" 6.13). */
import { expect, test } from "bun:test";
import { readers, render } from "./testing-templates.ts";

const hotdog = { path: "/usr/libexec/hotdog/hotdog-cc-hook" };
const hotdogLater = { path: "/usr/libexec/hotdog/hotdog-poststart-hook" };
const nvidia = {
  path: "/usr/bin/nvidia-container-runtime-hook",
  args: ["nvidia-container-runtime-hook", "prestart"],
};

const table: [situation: string, template: string, enabled: boolean | undefined, hooks: object][] = [
  ["Check 33: off", "oci-default-hooks-json", false, { prestart: [], poststart: [] }],
  ["unset is off", "oci-default-hooks-json", undefined, { prestart: [], poststart: [] }],
  ["Check 33: on", "oci-default-hooks-json", true, { prestart: [hotdog], poststart: [hotdogLater] }],
  ["with NVIDIA's, off", "nvidia-oci-hooks-json", false, { prestart: [nvidia], poststart: [] }],
  [
    "Check 33: with NVIDIA's, on",
    "nvidia-oci-hooks-json",
    true,
    { prestart: [hotdog, nvidia], poststart: [hotdogLater] },
  ],
];
for (const [situation, template, enabled, hooks] of table) {
  test(`hooks of the Log4j hot patch: ${situation}`, () => {
    const settings = enabled === undefined ? {} : { "oci-hooks": { "log4j-hotpatch-enabled": enabled } };
    expect(readers.json(render(template, "json", settings))).toEqual({ hooks });
  });
}
