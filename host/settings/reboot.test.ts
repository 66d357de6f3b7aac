import { describe, expect, it } from "bun:test";
import { parseKey } from "./keys.ts";
import { declarationOf } from "./model.ts";
import { rebootReason } from "./reboot.ts";
import type { Json } from "./source.ts";

const model = declarationOf(["motd", "kernel", "boot", "kubernetes", "bootstrap-containers"]);

describe("settings 11: what a change needs a reboot for", () => {
  const module = "settings.kernel.modules.sctp.allowed";
  const bootstrap = "settings.bootstrap-containers.prepare.mode";
  const sysctl = 'settings.kernel.sysctl."vm.swappiness"';
  const table: [
    what: string,
    key: string,
    before: Json | undefined,
    after: Json | undefined,
    needs: boolean,
  ][] = [
    ["a lower lockdown", "settings.kernel.lockdown", "confidentiality", "integrity", true],
    ["no lockdown any more", "settings.kernel.lockdown", "integrity", undefined, true],
    ["not a higher lockdown", "settings.kernel.lockdown", "none", "integrity", false],
    ["not none instead of nothing", "settings.kernel.lockdown", undefined, "none", false],
    ["a module that is not allowed any more", module, true, false, true],
    ["not a module that is allowed again", module, false, true, false],
    ["not a sysctl that gets another value", sysctl, "10", "20", false],
    ["not a sysctl that is removed, because it gets back what it had", sysctl, "10", undefined, false],
    ["parameters of the kernel", "settings.boot.kernel.console", undefined, ["tty0"], true],
    ["parameters of init", 'settings.boot.init."systemd.log_level"', ["debug"], undefined, true],
    ["not whether to reboot for them", "settings.boot.reboot-to-reconcile", false, true, false],
    ["another CPU manager policy", "settings.kubernetes.cpu-manager-policy", "none", "static", true],
    ["a bootstrap container that is to run", bootstrap, undefined, "once", true],
    ["not a bootstrap container that is not to run any more", bootstrap, "always", "off", false],
    ["not the message of the day", "settings.motd", "a", "b", false],
  ];
  for (const [what, text, before, after, needs] of table) {
    it(what, () => {
      const parsed = parseKey(text);
      if (!parsed.ok) throw new Error(parsed.reason);
      const reason = rebootReason(model, parsed.key, { before, after });
      expect(reason !== undefined).toBe(needs);
      if (needs) expect(reason).toMatch(/^[A-Z].*\.$/);
    });
  }
});
