/** Types for units of systemd. */
import { text } from "./text-rule.ts";

const character = "A-Za-z0-9:_.\\\\";
const part = `[${character}-]`;
const kinds = "service|socket|target|mount|automount|swap|path|timer|slice|scope|device";

/**
 * The whole name of one unit (systemd.unit(5)), which systemctl takes for nothing else: no option, no pattern, no
 * template.
 */
export const unitName = text({
  accepted: 'that is the name of a unit such as "kubelet.service"',
  length: { max: 255 },
  shapes: [
    {
      pattern: `^[${character}]${part}*(?:@${part}+)?\\.(?:${kinds})$`,
      otherwise: "it is not the name of one unit",
    },
  ],
});
