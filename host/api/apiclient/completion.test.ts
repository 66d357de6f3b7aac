import { describe, expect, test } from "bun:test";
import { testModel } from "../../settings/testing.ts";
import { completeWords, type Known } from "./completion.ts";

const live: Readonly<Record<string, readonly string[]>> = {
  "host-containers": ["admin", "control"],
  "kernel,sysctl": ["vm.swappiness", "vm.laptop_mode", "kernel/pid"],
};
const known: Known = {
  settings: async () => testModel().declaration,
  namesAt: async (segments) => live[segments.join(",")] ?? [],
};

const complete = (line: string) => completeWords(line.split(" "), known);

describe("what may stand next on a command line of apiclient", () => {
  const table: [line: string, candidates: readonly string[]][] = [
    // subcommands and options
    ["reb", ["reboot"]],
    ["-v s", ["set", "status"]],
    ["-s /run/x.sock ge", ["get"]],
    ["up", ["update"]],
    ["update ", ["check", "apply", "cancel", "status"]],
    ["update apply --re", ["--reboot", "--retry"]],
    ["set --js", ["--json"]],
    ["get -", ["--socket-path", "--log-level", "--verbose", "--help"]],
    ["doctor --o", ["--output"]],
    ["status --output=", ["--output=text", "--output=json"]],
    ["logs ", ["admin", "control"]],
    ["logs --f", ["--follow"]],
    ["exec ", ["admin", "control"]],
    ["exec --t", ["--tty"]],
    ["exec -t a", ["admin"]],
    ["exec admin ", []],
    ["exec admin ls --", []],
    ["set --dry-run --output ", ["text", "json"]],
    ["unset --output=j", ["--output=json"]],
    ["--log-level ", ["off", "error", "warn", "info", "debug", "trace"]],
    ["--log-level=de", ["--log-level=debug"]],
    ["-m P", ["PATCH", "POST", "PUT"]],
    ["raw -X D", ["DELETE"]],
    ["completion ", ["bash", "zsh", "fish"]],
    ["reboot ", []],
    ["nonsense ", []],
    // keys, level by level
    ["set ho", ["host-containers.admin.", "host-containers.control."]],
    ["set p", ["pki."]],
    ["set b", ["bootstrap-containers.", "boot."]],
    ["set mo", ["motd="]],
    ["set se", ["settings."]],
    ["set settings.mo", ["settings.motd="]],
    ["set nt", ["ntp.time-servers="]],
    ["set settings.nt", ["settings.ntp.time-servers="]],
    ["set dns.", ["dns.name-servers=", "dns.search-list="]],
    ["set motd=x dns.s", ["dns.search-list="]],
    ["set -- dns.s", ["dns.search-list="]],
    ["set nothing.", []],
    ["set motd.x", []],
    ["unset mo", ["motd"]],
    ["unset kernel.l", ["kernel.lockdown"]],
    ["get set", ["settings."]],
    ["get mo", []],
    ["get settings.nt", ["settings.ntp.time-servers"]],
    ["get settings.dns.", ["settings.dns.name-servers", "settings.dns.search-list"]],
    ["get o", ["os."]],
    ["get os.v", ["os.variant_id", "os.version_id"]],
    // names that users have chosen, and those that there are few of
    ["set host-containers.", ["host-containers.admin.", "host-containers.control."]],
    [
      "set host-containers.a",
      [
        "host-containers.admin.source=",
        "host-containers.admin.enabled=",
        "host-containers.admin.superpowered=",
        "host-containers.admin.user-data=",
        "host-containers.admin.limits.",
      ],
    ],
    ["set host-containers.mine.s", ["host-containers.mine.source=", "host-containers.mine.superpowered="]],
    ["set kernel.sysctl.k", ["kernel.sysctl.kernel/pid="]],
    ['set kernel.sysctl."vm.', ['kernel.sysctl."vm.swappiness"=', 'kernel.sysctl."vm.laptop_mode"=']],
    ['set kernel.sysctl."vm.s', ['kernel.sysctl."vm.swappiness"=']],
    ["set kernel.sysctl.vm.s", []],
    ["set kubernetes.system-reserved.c", ["kubernetes.system-reserved.cpu="]],
    // values of words and booleans
    [
      "set kernel.lockdown=",
      ["kernel.lockdown=none", "kernel.lockdown=integrity", "kernel.lockdown=confidentiality"],
    ],
    ["set settings.kernel.lockdown=i", ["settings.kernel.lockdown=integrity"]],
    ["set updates.ignore-waves=t", ["updates.ignore-waves=true"]],
    ["set host-containers.x.enabled=", ["host-containers.x.enabled=true", "host-containers.x.enabled=false"]],
    [
      "set kubernetes.cloud-provider=",
      ["kubernetes.cloud-provider=aws", "kubernetes.cloud-provider=external"],
    ],
    ["set motd=", []],
    ["set nothing=", []],
  ];
  for (const [line, candidates] of table) {
    test(`apiclient ${line}`, async () => expect(await complete(line)).toEqual(candidates));
  }

  test("files, where a file is meant", async () => {
    expect(await complete("apply /etc/")).toBe("files");
    expect(await complete("get -s /ru")).toBe("files");
  });
  test("no keys, where the variant is not known", async () => {
    const nothing: Known = { settings: async () => undefined, namesAt: async () => [] };
    expect(await completeWords(["set", "mo"], nothing)).toEqual([]);
    expect(await completeWords(["s"], nothing)).toEqual(["set", "status"]);
  });
});
