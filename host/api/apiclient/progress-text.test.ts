import { describe, expect, it } from "bun:test";
import { progressBar, progressText, Rate } from "./progress-text.ts";

const MIB = 1024 * 1024;
const running = (done: number, total = 400 * MIB) =>
  ({
    id: "7",
    command: "prepare",
    version: "2.3.4",
    started: "2031-05-01T09:00:00Z",
    progress: { image: "root", done, total },
  }) as const;

describe("how far an update is", () => {
  const table: readonly [what: string, done: number, rate: number | undefined, text: string, bar: string][] =
    [
      [
        "at the beginning",
        0,
        undefined,
        "preparing 2.3.4: root 0 %, 0 bytes of 400 MiB",
        "2.3.4 root [                ] 0 %, 0 bytes of 400 MiB",
      ],
      [
        "in the middle",
        200 * MIB,
        10 * MIB,
        "preparing 2.3.4: root 50 %, 200 MiB of 400 MiB, 10 MiB/s, 20 s left",
        "2.3.4 root [########        ] 50 %, 200 MiB of 400 MiB, 10 MiB/s, 20 s left",
      ],
      [
        "at the end",
        400 * MIB,
        1 * MIB,
        "preparing 2.3.4: root 100 %, 400 MiB of 400 MiB, 1 MiB/s, 0 s left",
        "2.3.4 root [################] 100 %, 400 MiB of 400 MiB, 1 MiB/s, 0 s left",
      ],
      [
        "slow",
        100 * MIB,
        1 * MIB,
        "preparing 2.3.4: root 25 %, 100 MiB of 400 MiB, 1 MiB/s, 5 min 0 s left",
        "2.3.4 root [####            ] 25 %, 100 MiB of 400 MiB, 1 MiB/s, 5 min 0 s left",
      ],
    ];
  for (const [what, done, rate, text, bar] of table) {
    it(`is told ${what}`, () => {
      expect(progressText(running(done), rate)).toBe(text);
      expect(progressBar(running(done), rate)).toBe(bar);
    });
  }

  it("says what is done where there are no bytes to count", () => {
    const refresh = { ...running(0), command: "refresh", version: null, progress: null } as const;
    expect(progressText(refresh)).toBe("looking for updates");
    expect(progressBar(refresh)).toBe("looking for updates");
    expect(progressText({ ...running(0), progress: null })).toBe("preparing 2.3.4");
  });

  it("fits into a terminal, and an image of no bytes divides nothing by nothing", () => {
    const long = { ...running(123 * MIB, 99_999 * MIB), version: "10.100.1000-rc.1" };
    expect(progressBar(long, 1000)).toHaveLength(79);
    expect(progressText(running(0, 0), 1)).toContain("root 0 %, 0 bytes of 0 bytes");
  });
});

describe("the rate", () => {
  it("is of the last ten seconds, of one image, and unknown before a second has passed", () => {
    const rate = new Rate();
    const at = (image: "root" | "boot", done: number, seconds: number) =>
      rate.add({ image, done, total: 1000 }, seconds * 1000);
    expect(at("root", 0, 0)).toBeUndefined();
    expect(at("root", 100, 0.9)).toBeUndefined();
    expect(at("root", 200, 2)).toBe(100);
    // What was seen at 0 and 0.9 s counts no more.
    expect(at("root", 380, 11)).toBe(20);
    expect(at("boot", 5, 11.5)).toBeUndefined();
  });
});
