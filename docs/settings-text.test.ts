import { describe, expect, test } from "bun:test";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { referenceOf } from "./reference.ts";
import { settingsText } from "./settings-text.ts";
import { sample } from "./testing.ts";
import { readVariantModels } from "./variants.ts";

describe("the committed settings reference", () => {
  test("says what the model and the variants say; `make docs` writes it anew", async () => {
    const committed = await readFile(join(import.meta.dirname, "settings.md"), "utf8");
    expect(committed.split("\n")).toEqual(settingsText(referenceOf(await readVariantModels())).split("\n"));
  });
  test("has one line for each key", () => {
    const lines = settingsText(sample).split("\n");
    expect(lines).toContain(
      '- `settings.ntp.time-servers`: a list, each item a string that is a host name or an IP address, without scheme and port; default ["time.example.com"] (metal-k8s-1.24); affects ntp',
    );
    expect(lines).toContain(
      '- `settings.host-containers.NAME.source`: a string that is an image reference such as registry.example.com/team/image:v1; NAME is a name of 1 to 76 characters A-Z a-z 0-9 -; default settings.host-containers.admin.source = "ecr/admin:1" (aws-k8s-*) | settings.host-containers.admin.source = "public/admin:1" (metal-k8s-1.24)',
    );
  });
});
