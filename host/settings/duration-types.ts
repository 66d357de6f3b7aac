/** Types for durations (specification "settings" 6.6 and 6.7). */
import { durationPattern, durationSeconds } from "./quantities.ts";
import { type TextRule, text } from "./text-rule.ts";

const amount = "[0-9]+(?:\\.[0-9]+)?";

/** The rule of durations whose units come in a fixed order, each at most once. */
function durationRule(units: readonly string[], example: string): TextRule {
  const parts = units.map((unit) => `(?:${amount}(?:${unit}))?`).join("");
  return {
    accepted: `that is a duration such as "${example}": numbers with the units ${units.join(", ").replaceAll("|", " or ")}, in this order`,
    length: { min: 1 },
    shapes: [{ pattern: `^${parts}$`, otherwise: "it is not a duration" }],
  };
}

export const kubernetesDuration = text(durationRule(["h", "m", "s", "ms"], "1h30m"));
/** Of the ECS agent, which knows two units more (specification "settings" 6.7). */
export const ecsDuration = text(durationRule(["h", "m", "s", "ms", "us|µs", "ns"], "2m"));

/** Long enough for anything that starts, short enough for somebody to wait for it. */
export const healthLimit = text({
  accepted: 'that is a duration between "1s" and "1h" such as "5m" or "1m30s"',
  shapes: [{ pattern: durationPattern, otherwise: "it is not a duration" }],
  problem(value) {
    const seconds = durationSeconds(value) ?? 0;
    if (seconds < 1) return "it is too short";
    return seconds > 3600 ? "it is too long" : undefined;
  },
});
