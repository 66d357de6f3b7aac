/** For the tests of this room only: a small variant and an API without socket, disk or processes. */
import { Failure } from "../linux/failure.ts";
import { buildModel, type Json, loadVariant, type Model } from "../settings/index.ts";
import type { ApplyScope } from "./decision.ts";
import type { Os } from "./os-release.ts";
import { type Effects, perform } from "./perform.ts";
import type { Reply } from "./reply.ts";
import { readTarget } from "./request.ts";
import { decide } from "./routes.ts";
import type { Report, View } from "./view.ts";

/** variant.json of a variant with the settings that the specification's checks use. */
export const exampleVariantText: string = JSON.stringify({
  variant: "example",
  arch: "x86_64",
  version: "1.11.1",
  "build-id": "0123abcd",
  groups: ["motd", "updates", "network", "dns", "ntp", "kernel", "boot", "cloudformation"],
  settings: { motd: "Welcome" },
  metadata: {
    settings: { updates: { "metadata-base-url": { template: "https://updates.test/{{ os.arch }}/" } } },
  },
  services: {
    motd: { "configuration-files": ["motd"], "restart-commands": [] },
    ntp: {
      "configuration-files": ["chrony-conf"],
      "restart-commands": ["/bin/systemctl try-restart chronyd"],
    },
    hosts: { "configuration-files": ["hosts"], "restart-commands": [] },
    hostname: { "configuration-files": ["hostname"], "restart-commands": [] },
    sysctl: { "configuration-files": [], "restart-commands": ["/usr/bin/corndog sysctl"] },
  },
  "configuration-files": {
    motd: { path: "/etc/motd", "template-path": "/usr/share/templates/motd.txt" },
    "chrony-conf": { path: "/etc/chrony.conf", "template-path": "/usr/share/templates/chrony.conf" },
  },
});

export const exampleModel: Model = buildModel(loadVariant(exampleVariantText));

const OS: Os = {
  arch: "x86_64",
  build_id: "0123abcd",
  pretty_name: "Pinwheel 1.11.1",
  variant_id: "example",
  version_id: "1.11.1",
};

/** The API over a store in memory, with what it started in the order in which it did. */
export class ExampleApi {
  live: ReadonlyMap<string, Json>;
  readonly pending = new Map<string, ReadonlyMap<string, Json>>();
  readonly started: ("reboot" | ApplyScope)[] = [];
  /** What every effect is to fail with, if it is to fail. */
  broken: Error | undefined;
  /** Whether the disk does not confirm commits. */
  notSynced = false;
  /** Why the os section cannot be read, if it cannot. */
  osProblem: string | undefined;
  bootReport: Report = { kind: "none" };
  applyReport: Report = { kind: "none" };

  constructor(live: Readonly<Record<string, Json>> = {}) {
    this.live = new Map(Object.entries(live));
  }

  /** Makes a request; `body` is sent as JSON unless another content type is given. */
  async ask(
    method: string,
    uri: string,
    body = "",
    contentType: string | undefined = "application/json",
  ): Promise<Reply> {
    const decision = decide(
      { method, ...readTarget(uri), contentType, body: new TextEncoder().encode(body) },
      this.view(),
    );
    return decision.kind === "reply" ? decision.reply : perform(decision, this.effects());
  }

  private view(): View {
    return {
      model: exampleModel,
      live: this.live,
      pending: (transaction) => this.pending.get(transaction) ?? new Map(),
      transactions: () => [...this.pending.keys()],
      os: () => this.osProblem ?? OS,
      bootReport: () => this.bootReport,
      applyReport: () => this.applyReport,
    };
  }

  private effects(): Effects {
    return {
      store: {
        stage: async (transaction, leaves) => {
          this.failIfBroken();
          this.pending.set(transaction, new Map([...(this.pending.get(transaction) ?? []), ...leaves]));
        },
        commit: async (transaction, isRight) => {
          this.failIfBroken();
          const staged = this.pending.get(transaction);
          if (isRight?.(this.live, staged ?? new Map()) === false) return undefined;
          if (staged === undefined) return undefined;
          this.pending.delete(transaction);
          this.live = new Map([...this.live, ...staged]);
          const changed = [...staged.keys()];
          if (this.notSynced) {
            const facts = { path: "live.json", changed };
            throw new Failure("store/not-synced", facts, "The disk did not confirm it", "Look at the disk");
          }
          return changed;
        },
        discard: async (transaction) => {
          const staged = [...(this.pending.get(transaction)?.keys() ?? [])];
          this.pending.delete(transaction);
          return staged;
        },
      },
      startApplier: async (scope) => {
        this.failIfBroken();
        this.started.push(scope);
      },
      reboot: async () => {
        this.failIfBroken();
        this.started.push("reboot");
      },
    };
  }

  private failIfBroken(): void {
    if (this.broken !== undefined) throw this.broken;
  }
}

/** Replies as tests expect them. */
export const json = (value: unknown) => ({ status: 200, kind: "json", body: JSON.stringify(value) }) as const;
export const text = (status: number, body: string) => ({ status, kind: "text", body }) as const;
export const noContent = { status: 204, kind: "empty", body: "" } as const;
export const nothingThere = { status: 404, kind: "empty", body: "" } as const;

/** A few live settings. */
export const some = {
  "settings.motd": "hello",
  "settings.ntp.time-servers": ["192.0.2.7"],
  "settings.kernel.lockdown": "none",
  'settings.kernel.sysctl."vm.max_map_count"': "7",
};
