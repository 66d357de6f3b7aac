/** Types for ECS settings (specification "settings" 6.7). */
import { names, text } from "./text-rule.ts";

export const attributeKey = names({
  accepted: "an attribute name of 1 to 128 characters A-Z a-z 0-9 . _ / -",
  length: { max: 128 },
  characters: "A-Za-z0-9._/-",
});

export const attributeValue = text({
  accepted: "of 1 to 128 characters A-Z a-z 0-9 . @ : _ / \\ - and blanks, with none at its ends",
  length: { min: 1, max: 128 },
  characters: "A-Za-z0-9.@:_/\\\\ -",
  shapes: [{ pattern: "^[^ ](?:.*[^ ])?$", otherwise: "it starts or ends with a blank" }],
});
