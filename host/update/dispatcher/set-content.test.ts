import { describe, expect, it } from "bun:test";
import { readBootFlags } from "../partition-sets.ts";
import { attributesOf } from "../sample-table.ts";
import { asSetsSay, contentOf, firstStatus, type SetContent, type SetsView } from "./set-content.ts";
import type { UpdateStatus } from "./status.ts";

const image = (version: string) => ({ arch: "x86_64", version, variant: "metal-dev" });

describe("what a set holds, by priority/tries left/successful", () => {
  const table: readonly [flags: string, holds: SetContent][] = [
    ["0/0/0", "nothing"],
    ["0/1/0", "staged"],
    ["2/1/0", "activated"],
    ["2/0/0", "failed"],
    ["2/0/1", "proven"],
    ["1/0/1", "proven"],
    // After a rollback was taken back: it can still be rolled back to.
    ["0/0/1", "proven"],
  ];
  for (const [flags, holds] of table) {
    it(`${flags}: ${holds}`, () => expect(contentOf(readBootFlags(attributesOf(flags)))).toBe(holds));
  }
});

const view = (holds: SetContent, next: "A" | "B", version: string | null = "2.3.4"): SetsView => ({
  active: "A",
  next,
  inactive: { set: "B", holds, image: version === null ? null : image(version) },
});

describe("the first status of a boot", () => {
  const table: readonly [what: string, sets: SetsView, state: string, staged: boolean | undefined][] = [
    ["a staged image is staged still", view("staged", "A"), "Staged", false],
    ["an activated one waits for the boot still", view("activated", "B"), "Ready", true],
    ["one that nobody knows is told by nobody", view("staged", "A", null), "Idle", undefined],
    ["the version before is none that is staged", view("proven", "A"), "Idle", undefined],
    ["nor is one that did not come up well", view("failed", "A"), "Idle", undefined],
    ["nor is nothing", view("nothing", "A", null), "Idle", undefined],
  ];
  for (const [what, sets, state, staged] of table) {
    it(what, () => {
      expect(firstStatus(image("2.3.3"), sets)).toEqual({
        update_state: state as UpdateStatus["update_state"],
        available_updates: [],
        chosen_update: null,
        active_partition: { image: image("2.3.3"), next_to_boot: sets.next === "A" },
        staging_partition: staged === undefined ? null : { image: image("2.3.4"), next_to_boot: staged },
        most_recent_command: null,
      });
    });
  }
});

describe("a status after a command whose end nobody has recorded", () => {
  const staged = firstStatus(image("2.3.3"), view("staged", "A"));
  const ready = firstStatus(image("2.3.3"), view("activated", "B"));

  it("is as the flags say: activated or not", () => {
    expect(asSetsSay(staged, view("activated", "B"))).toEqual(ready);
    expect(asSetsSay(ready, view("staged", "A"))).toEqual(staged);
    expect(asSetsSay(staged, view("staged", "A"))).toEqual(staged);
  });

  it("stays where the flags are of no staged image", () => {
    expect(asSetsSay(staged, view("nothing", "A"))).toEqual(staged);
    const idle = firstStatus(image("2.3.3"), view("nothing", "A"));
    expect(asSetsSay(idle, view("staged", "A"))).toEqual(idle);
  });
});
