import { describe, expect, test } from "bun:test";
import { unifiedDiff } from "./unified-diff.ts";

describe("a unified diff", () => {
  test("shows what changed between three lines of context", () => {
    expect(unifiedDiff("/etc/f", "1\n2\n3\n4\n5\n6\n", "1\n2\n3\n4\nV\n6\n")).toBe(
      "--- /etc/f\n+++ /etc/f\n@@ -2,5 +2,5 @@\n 2\n 3\n 4\n-5\n+V\n 6\n",
    );
  });
  test("is from or to nothing for a file that comes or goes", () => {
    expect(unifiedDiff("/etc/f", undefined, "a\n")).toBe("--- /dev/null\n+++ /etc/f\n@@ -0,0 +1,1 @@\n+a\n");
    expect(unifiedDiff("/etc/f", "a", undefined)).toBe(
      "--- /etc/f\n+++ /dev/null\n@@ -1,1 +0,0 @@\n-a\n\\ No newline at end of file\n",
    );
  });
  test("says how much it leaves out of a very long one", () => {
    const text = unifiedDiff("/etc/f", "", "line\n".repeat(100_000));
    expect(text.length).toBeLessThan(66_000);
    expect(text).toMatch(/\n\+line\n\(\d+ more lines are not listed\)\n$/);
  });
  test("gives up on two texts that have nothing in common, before anybody loses patience", () => {
    const lines = (word: string) => Array.from({ length: 60_000 }, (_, at) => `${word}${at}`).join("\n");
    const startMs = performance.now();
    const text = unifiedDiff("/etc/f", lines("a"), lines("b"));
    expect(performance.now() - startMs).toBeLessThan(10_000);
    expect(text).toBe("--- /etc/f\n+++ /etc/f\n(too many differences to be listed)\n");
  });
});
