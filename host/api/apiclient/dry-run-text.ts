/** What a change would do, for people. */
import type { Json } from "../../settings/index.ts";
import { secretText } from "../../settings/index.ts";
import type { TransactionDiff } from "../diff-route.ts";

/** Settings, files, services, reboot: a part for each, also where there is nothing to tell. */
export function dryRunText(diff: TransactionDiff): string {
  const parts = [
    part("Settings that would change", diff.settings.map(settingLine)),
    part("Files that would change", diff.files.map(fileText)),
    part(
      "Services that would be restarted",
      diff.services.map((service) => `  ${service.name}: ${service["restart-commands"].join("; ")}\n`),
    ),
    part(
      "Reboot needed",
      diff.reboot.map(({ key, why }) => `  ${key}: ${why}\n`),
    ),
  ];
  return `${parts.join("")}Nothing was changed.\n`;
}

function part(title: string, lines: readonly string[]): string {
  return lines.length === 0 ? `${title}: none\n` : `${title}:\n${lines.join("")}`;
}

function settingLine({ key, old, new: after }: TransactionDiff["settings"][number]): string {
  return `  ${key}: ${shown(old)} -> ${shown(after)}\n`;
}

function shown(value: Json): string {
  if (value === null) return "not set";
  return value === secretText ? secretText : JSON.stringify(value);
}

function fileText({ path, change, diff }: TransactionDiff["files"][number]): string {
  const note = diff === null ? "; not shown, because it may hold secrets" : "";
  return `  ${path}: ${change}${note}\n${diff ?? ""}`;
}
