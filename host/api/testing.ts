/** For tests: a small variant, and an API without socket, disk or processes, of that variant or another. */
import type { BootClock } from "../linux/boot-clock.ts";
import { Failure } from "../linux/failure.ts";
import type { AppliedCommit } from "../settings/index.ts";
import { buildModel, type Json, loadVariant, type Model, mergeLeaves } from "../settings/index.ts";
import { type EndedTrial, type Trial, trialKeys, trialOf, withEndedTrial } from "../store/trial.ts";
import type { UpdateStatus } from "../update/dispatcher/index.ts";
import type { ApplyScope } from "./decision.ts";
import { runningTrial } from "./host-view.ts";
import type { Os } from "./os-release.ts";
import { type Effects, perform } from "./perform.ts";
import { found, type Reply } from "./reply.ts";
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
    motd: { path: "/etc/motd", "template-path": "/usr/share/templates/motd.txt", format: "text" },
    "chrony-conf": {
      path: "/etc/chrony.conf",
      "template-path": "/usr/share/templates/chrony.conf",
      format: "words",
    },
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
  /** Seconds since the boot began. */
  uptime = 100;
  trial: Trial | undefined;
  lastTrial: EndedTrial | undefined;
  readonly clock: BootClock = { bootId: "example", uptimeSeconds: () => this.uptime };
  /** What the generators print, or why they do not; and the keys they were asked for. */
  generated: string | Error = "{}";
  readonly generatedKeys: string[] = [];
  /** What every effect is to fail with, if it is to fail. */
  broken: Error | undefined;
  /** What starting the applier is to fail with, if that alone is to fail. */
  applierBroken: Error | undefined;
  /** Whether the disk does not confirm commits. */
  notSynced = false;
  /** Why the os section cannot be read, if it cannot. */
  osProblem: string | undefined;
  bootReport: Report = { kind: "none" };
  /** What the program that renders prints, or why it does not; and what it was given. */
  preview: string | Error = '{"files":[],"services":[],"problems":[]}';
  readonly previewed: unknown[] = [];
  /** What the program that looks at the host was told. */
  readonly looked: unknown[] = [];
  /** How the update dispatcher answers, and what it was started for. */
  dispatcher = { exitCode: 0, says: "" };
  readonly dispatched: string[] = [];
  updateStatus: UpdateStatus | "locked" | undefined;
  /** What became of commits, and of the last change. */
  commits: readonly AppliedCommit[] = [];
  lastReport: object | undefined;
  /** The id under which what is started is noted. */
  commitId: string | undefined;

  constructor(
    live: Readonly<Record<string, Json>> = {},
    private readonly model: Model = exampleModel,
  ) {
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
    if (decision.kind === "logs") return found(decision.query);
    return decision.kind === "reply" ? decision.reply : perform(decision, this.effects());
  }

  private view(): View {
    return {
      model: this.model,
      live: this.live,
      pending: (transaction) => this.pending.get(transaction) ?? new Map(),
      transactions: () => [...this.pending.keys()],
      trial: () => runningTrial(this.trial, this.clock),
      lastTrial: () => this.lastTrial,
      os: () => this.osProblem ?? OS,
      bootReport: () => this.bootReport,
    };
  }

  private effects(): Effects {
    return {
      store: {
        stage: async (transaction, leaves) => {
          this.failIfBroken();
          this.pending.set(transaction, new Map([...(this.pending.get(transaction) ?? []), ...leaves]));
        },
        commit: async (transaction, isRight, onTrial) => {
          this.failIfBroken();
          const staged = this.pending.get(transaction);
          if (isRight?.(this.live, staged ?? new Map()) === false) return undefined;
          if (staged === undefined) return undefined;
          this.pending.delete(transaction);
          if (onTrial !== undefined) this.trial = trialOf(onTrial, this.live, staged);
          this.live = mergeLeaves(this.live, staged);
          const changed = [...staged.keys()];
          if (this.notSynced) {
            const facts = { path: "live.json", changed };
            throw new Failure("store/not-synced", facts, "The disk did not confirm it", "Look at the disk");
          }
          return changed;
        },
        endTrial: async (end) => {
          this.failIfBroken();
          if (this.trial === undefined) return undefined;
          const keys = trialKeys(this.trial);
          const { leaves, lastTrial } = withEndedTrial({ leaves: this.live }, this.trial, end);
          this.live = leaves;
          this.lastTrial = lastTrial;
          this.trial = undefined;
          return keys;
        },
        discard: async (transaction) => {
          const staged = [...(this.pending.get(transaction)?.keys() ?? [])];
          this.pending.delete(transaction);
          return staged;
        },
      },
      trials: {
        start: (seconds) => ({ id: "trial", seconds, bootId: "example", startedAtSeconds: this.uptime }),
        changed: () => undefined,
      },
      startApplier: async (scope) => {
        this.failIfBroken();
        if (this.applierBroken !== undefined) throw this.applierBroken;
        this.started.push(scope);
        return this.commitId;
      },
      preview: async (input) => {
        this.previewed.push(JSON.parse(input));
        if (typeof this.preview !== "string") throw this.preview;
        return this.preview;
      },
      commits: async () => this.commits,
      lastReport: async () => this.lastReport,
      look: async (depth, input) => {
        this.failIfBroken();
        this.looked.push({ depth, ...JSON.parse(input) });
        return "{}";
      },
      generate: async (keys) => {
        this.generatedKeys.push(...keys);
        if (typeof this.generated !== "string") throw this.generated;
        return this.generated;
      },
      updates: {
        dispatch: async (command, retry) => {
          this.failIfBroken();
          this.dispatched.push(retry ? `${command} --retry` : command);
          return { id: "7", ...this.dispatcher };
        },
        status: async () => {
          this.failIfBroken();
          return this.updateStatus;
        },
        progress: async () => {
          this.failIfBroken();
          return { status: null, running: null, finished: [], sets: null, refused: [] };
        },
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
