import type { Release } from "./identity.ts";
export async function hostVariantJson(_variants: string, _name: string, _release: Release): Promise<string> {
  return "{}";
}
