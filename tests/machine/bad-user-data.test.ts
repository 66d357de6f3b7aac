/** User data with mistakes: the host comes up, answers, says what was wrong and where, and uses nothing of it. */
import { afterAll, beforeAll, describe, expect, it } from "bun:test";
import { type Machine, provision } from "../../lab/index.ts";
import { newMachine, output, powerOn, setting, testImage } from "../lab.ts";

interface BadDocument {
  readonly situation: string;
  readonly text: string;
  readonly line: number;
  readonly column: number;
  readonly key: string;
  /** Words that the problem must name. */
  readonly names: readonly string[];
}

// In each, a good setting comes before the mistake: it must not be applied either.
const documents: readonly BadDocument[] = [
  {
    situation: "a syntax error",
    text: '[settings]\nmotd = "half applied"\n\n[settings.network]\nhostname = bad.example.com\n',
    line: 5,
    column: 12,
    key: "",
    names: [],
  },
  {
    situation: "a duplicate key",
    text: '[settings]\nmotd = "half applied"\n\n[settings.ntp]\ntime-servers = []\n  time-servers = []\n',
    line: 6,
    column: 3,
    key: "",
    names: ["multiple times"],
  },
  {
    situation: "an unknown key",
    text: '[settings]\nmotd = "half applied"\n\n[settings.network]\n  hostnam = "bad.example.com"\n',
    line: 5,
    column: 3,
    key: "settings.network.hostnam",
    names: [],
  },
  {
    situation: "a value of the wrong type",
    text: '[settings]\nmotd = "half applied"\n\n[settings.updates]\nseed = "twelve"\n',
    line: 5,
    column: 8,
    key: "settings.updates.seed",
    names: ["twelve"],
  },
];

interface ReportedProblem {
  readonly source: string;
  readonly line?: number;
  readonly column?: number;
  readonly key: string;
  readonly problem: string;
  readonly accepted: string;
}

const DEFAULT_MOTD = "Welcome to Pinwheel!";
let host: Machine;

afterAll(() => host?.cut());

for (const [index, document] of documents.entries()) {
  describe(`user data with ${document.situation}`, () => {
    const place = `user-data.toml:${document.line}:${document.column}`;

    beforeAll(async () => {
      if (index === 0) {
        host = await newMachine("test-user-data", { userData: document.text });
      } else {
        await host.cut();
        // The last one is without net.toml, as a bare machine that nobody configured: os-image Check 39.
        const net = index === documents.length - 1 ? "" : undefined;
        await provision((await testImage()).sdk, host.disk, { userData: document.text, net });
        host = await powerOn(host);
      }
      await host.waitForApi();
      await host.waitForBoot();
    }, 900_000);

    it("is reported by the API with line and column", async () => {
      const report = JSON.parse(await output(host, "apiclient get /boot/report"));
      const step = report.steps.find((one: { name: string }) => one.name === "user-data");
      expect(step.outcome).toBe("failed");
      const problem: ReportedProblem = step.problems[0];
      expect({ line: problem.line, column: problem.column }).toEqual({
        line: document.line,
        column: document.column,
      });
      expect(problem.source).toEndWith("user-data.toml");
      expect(`${problem.key} ${problem.problem}`).toContain(document.key);
      for (const name of document.names) expect(`${problem.key} ${problem.problem}`).toContain(name);
      expect(problem.accepted).not.toBe("");
    });

    it("is reported on the console", async () => {
      const text = await host.consoleText();
      expect(text).toContain(place);
      expect(text).toContain("Failed to start settings-applier.service");
    });

    it("is reported in the journal", async () => {
      const journal = await output(host, "journalctl -b -u settings-applier --no-pager -o cat");
      expect(journal).toContain(place);
    });

    it("leaves every setting at its default: nothing is half applied", async () => {
      expect(await setting(host, "settings.motd")).toBe(DEFAULT_MOTD);
      expect(await setting(host, "settings.network.hostname")).not.toBe("bad.example.com");
      expect(await output(host, "cat /etc/motd")).toBe(`${DEFAULT_MOTD}\n`);
      expect(JSON.parse(await output(host, "apiclient raw -u /tx/list"))).toEqual([]);
    });

    it("does not count as applied; the boot counts as good all the same, for the image did its duty", async () => {
      expect((await host.ask("test -e /var/lib/bottlerocket/early-boot-config.ran")).exitCode).toBe(1);
      expect((await host.ask("systemctl is-active settings-applier.service")).exitCode).not.toBe(0);
      await host.waitUntil("systemctl is-active mark-successful-boot.service", 60_000);
    });

    it("does not keep the hostname from being changed later", async () => {
      expect(await output(host, "systemctl is-active set-hostname.service")).toBe("active\n");
      expect((await host.ask("apiclient set network.hostname=by-hand.example.com")).exitCode).toBe(0);
      await host.waitUntil("grep -qx by-hand.example.com /proc/sys/kernel/hostname", 30_000);
    });

    // The last document comes without net.toml: that containers do not run there is a test of its own, below.
    if (index < documents.length - 1) {
      it("does not keep containers from running", async () => {
        expect(await output(host, "systemctl is-active containerd.service")).toBe("active\n");
      });
    }

    it("lets settings be changed by hand", async () => {
      expect((await host.ask("apiclient set motd='By hand'")).exitCode).toBe(0);
      expect(await setting(host, "settings.motd")).toBe("By hand");
    });
  });
}

describe("a metal host without net.toml", () => {
  it("os-image Check 39: reaches the console with no interface configured and containerd not started", async () => {
    expect(await output(host, "ip -o address show scope global")).toBe("");
    expect((await host.ask("systemctl is-active containerd.service")).output).toBe("inactive\n");
    await host.waitForConsole("login:", 60_000);
  });
});

describe("user data that was corrected on the host", () => {
  it("is applied at the next boot, because none was applied before", async () => {
    const text = '[settings]\\nmotd = "Corrected"\\n';
    await output(host, `printf '${text}' > /var/lib/bottlerocket/user-data.toml`);
    await host.reboot();
    await host.waitForApi();
    await host.waitForBoot();
    expect(await setting(host, "settings.motd")).toBe("Corrected");
    expect(await output(host, "cat /etc/motd")).toBe("Corrected\n");
    expect((await host.ask("test -e /var/lib/bottlerocket/early-boot-config.ran")).exitCode).toBe(0);
  }, 600_000);
});
