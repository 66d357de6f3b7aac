/** The words in which schemas are written. */
import type { Schema } from "../../settings/index.ts";

export const text: Schema = { type: "string" };
export const texts: Schema = { type: "array", items: text };
export const amount: Schema = { type: "integer", minimum: 0 };
export const reference = (name: string): Schema => ({ $ref: `#/components/schemas/${name}` });

/** An object whose members are all there; more are allowed only where they are expected to be added. */
export const record = (properties: Readonly<Record<string, Schema>>, more: Schema = closed): Schema => ({
  type: "object",
  properties,
  required: Object.keys(properties),
  ...more,
});
export const closed: Schema = { additionalProperties: false };
export const mayGrow: Schema = { additionalProperties: true };
