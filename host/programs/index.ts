/** The programs of the host executable, by the name they are started under. Each is loaded only when it is asked for. */
export type Program = { main(args: readonly string[]): Promise<number> };

export const programs: ReadonlyMap<string, () => Promise<Program>> = new Map<string, () => Promise<Program>>([
  ["apiclient", () => import("./apiclient.ts")],
  ["apiserver", () => import("./apiserver.ts")],
  ["bootstrap-containers", () => import("./bootstrap-containers.ts")],
  ["bork", () => import("./bork.ts")],
  ["certdog", () => import("./certdog.ts")],
  ["configure-host", () => import("./configure-host.ts")],
  ["corndog", () => import("./corndog.ts")],
  ["early-boot-config", () => import("./early-boot-config.ts")],
  ["ecs-settings-applier", () => import("./ecs-settings-applier.ts")],
  ["fall-back-if-unproven", () => import("./fall-back-if-unproven.ts")],
  ["ghostdog", () => import("./ghostdog.ts")],
  ["host-containers", () => import("./host-containers.ts")],
  ["host-ctr", () => import("./host-ctr.ts")],
  ["logdog", () => import("./logdog.ts")],
  ["look-at-host", () => import("./look-at-host.ts")],
  ["netdog", () => import("./netdog.ts")],
  ["prairiedog", () => import("./prairiedog.ts")],
  ["schnauzer", () => import("./schnauzer.ts")],
  ["settings-committer", () => import("./settings-committer.ts")],
  ["signpost", () => import("./signpost.ts")],
  ["static-pods", () => import("./static-pods.ts")],
  ["storewolf", () => import("./storewolf.ts")],
  ["sundog", () => import("./sundog.ts")],
  ["thar-be-settings", () => import("./thar-be-settings.ts")],
]);
