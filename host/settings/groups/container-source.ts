/** The rule that host and bootstrap containers share. */
import type { BrokenRule } from "../declaration.ts";

/** Whether it is to run or not, nothing can be made of a container without an image. */
export function missingSource(
  container: { readonly source?: string; readonly [member: string]: unknown },
  isGenerated: (member: string) => boolean,
): BrokenRule[] {
  const given = Object.keys(container);
  if (container.source !== undefined || given.length === 0 || isGenerated("source")) return [];
  const are = given.length === 1 ? "is" : "are";
  return [
    {
      at: ["source"],
      problem: `missing, but ${given.join(" and ")} ${are} set`,
      accepted: "an image reference",
    },
  ];
}
