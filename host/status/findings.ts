/** What is wrong with the host, and what to do about it. Decides only: takes facts, returns sentences. */
import { type Diagnosis, type Finding, type HostStatus, type LookInput, sizeText } from "../api/index.ts";
import { shortName } from "./shown-units.ts";

/** What has been seen. */
export interface Facts extends Omit<HostStatus, "healthy" | "findings"> {
  /** Whether the host is still on its way up. */
  readonly starting: boolean;
  /** Lines about configuring this boot. */
  readonly bootProblems: readonly string[];
  /** Why the partition sets cannot be read, undefined if they can or there are none. */
  readonly setsProblem: string | undefined;
  /** What the health checks of this boot missed, each as a clause. */
  readonly unmetChecks: readonly string[];
  /** The versions that are not taken again by themselves. */
  readonly refusedVersions: ReadonlyMap<string, { readonly reason: string; readonly time: string }>;
  /** The settings ask for a restart of the host. */
  readonly rebootPending: boolean;
  readonly trial: LookInput["trial"];
  readonly registries: Diagnosis["registries"];
}

// Of what can be used: below, what runs begins to fail in ways that do not name the cause.
const DISK_PERCENT = 10;
const MEMORY_PERCENT = 5;

/** Everything to be told, problems first. */
export function findingsOf(facts: Facts): readonly Finding[] {
  return [
    ...unitFindings(facts),
    ...pullFindings(facts),
    ...bootFindings(facts),
    ...resourceFindings(facts),
    ...registryFindings(facts),
    ...setFindings(facts),
    ...updateFindings(facts),
    ...trialFindings(facts),
  ].sort((a, b) => Number(a.kind === "advice") - Number(b.kind === "advice"));
}

const problem = (about: string, text: string, hint: string): Finding => ({
  kind: "problem",
  about,
  text,
  hint,
});
const advice = (about: string, text: string, hint: string): Finding => ({
  kind: "advice",
  about,
  text,
  hint,
});

function unitFindings({ units, containers }: Facts): readonly Finding[] {
  return [...units, ...containers.map(({ unit }) => unit)].flatMap(({ name, state, problem: text }) => {
    if (text === null) return [];
    const hint =
      state === "not-found"
        ? "The image does not bring it: use a variant that does, or take the setting that needs it back"
        : `apiclient logs ${shortName(name)} --lines 50`;
    return [problem(name, text, hint)];
  });
}

/** Pulls that are tried again: nobody has to do anything about those yet, and most are over with the next attempt. */
function pullFindings({ containers }: Facts): readonly Finding[] {
  return containers.flatMap(({ unit, pulling }) => {
    const failed = pulling?.["failed-attempt"] ?? null;
    if (failed === null || unit.problem !== null) return [];
    const hint = `apiclient logs ${shortName(unit.name)} --lines 50`;
    return [advice(unit.name, `${unit.name}: ${failed}`, hint)];
  });
}

function bootFindings({ boot, bootProblems, starting, "last-apply": apply }: Facts): readonly Finding[] {
  const found = bootProblems.map((text) =>
    problem(
      "boot",
      text,
      "apiclient get /boot/report has it all; correct the source that is named and restart",
    ),
  );
  if (boot.outcome === "not-configured" && !starting) {
    found.push(problem("boot", "This boot has not been configured", "apiclient logs settings-applier"));
  }
  if (apply?.state === "failed") {
    const text = `The change of ${apply["committed-at"]} could not be applied wholly`;
    found.push(problem("settings", text, `apiclient get '/tx/applied?id=${apply.id}'`));
  }
  return found;
}

function resourceFindings({
  disks,
  memory,
  "clock-synchronised": clock,
  starting,
}: Facts): readonly Finding[] {
  const found: Finding[] = [];
  for (const disk of disks) {
    const { "size-bytes": size, "free-bytes": free } = disk;
    if (free * 100 >= size * DISK_PERCENT) continue;
    const text = `${disk.path} is nearly full: ${sizeText(free)} of ${sizeText(size)} are free`;
    found.push(
      problem(disk.path, text, "Remove images and containers that are not needed, or enlarge the disk"),
    );
  }
  const { "total-bytes": total, "available-bytes": available } = memory;
  if (available * 100 < total * MEMORY_PERCENT) {
    const text = `Memory is short: ${sizeText(available)} of ${sizeText(total)} are available`;
    found.push(problem("memory", text, "Run less on this host, limit what runs, or give it more memory"));
  }
  if (clock === false && !starting) {
    const hint = "apiclient logs chronyd; settings.ntp.time-servers must answer on UDP port 123";
    found.push(problem("clock", "The clock is not synchronised", hint));
  }
  return found;
}

function registryFindings({ registries }: Facts): readonly Finding[] {
  return registries
    .filter(({ reached }) => !reached)
    .map(({ url, detail }) => {
      const hint = detail.includes("looked up")
        ? "See settings.dns, and whether the name servers answer: apiclient logs write-resolv-conf"
        : "See settings.container-registry.mirrors, settings.network.https-proxy and the network between";
      return problem("registry", `${url} cannot be reached: ${detail}`, hint);
    });
}

function setFindings({ sets, setsProblem, starting, rebootPending }: Facts): readonly Finding[] {
  const found: Finding[] = [];
  if (setsProblem !== undefined) {
    found.push(problem("partitions", setsProblem, "signpost status, as root on the host, tells more"));
  }
  if (sets !== null && !sets["marked-good"] && !starting) {
    const text = `Set ${sets.active} is not marked good: the next start may turn to the other one`;
    found.push(problem("partitions", text, "apiclient logs mark-successful-boot"));
  }
  if (sets !== null && sets.next !== sets.active) {
    const text = sets.next === null ? "No set can be started next" : `The next start uses set ${sets.next}`;
    const kind = sets.next === null ? problem : advice;
    found.push(
      kind("partitions", text, sets.next === null ? "signpost status" : "apiclient reboot, when it suits"),
    );
  }
  if (rebootPending) {
    found.push(
      advice("reboot", "Settings take effect only after a restart", "apiclient reboot, when it suits"),
    );
  }
  return found;
}

function updateFindings({ unmetChecks, refusedVersions }: Facts): readonly Finding[] {
  const unmet = unmetChecks.map((clause) => {
    const hint =
      "apiclient logs mark-successful-boot; the next start asks what settings.updates.health names again";
    return problem("health", `When this host started, a health check did not hold: ${clause}`, hint);
  });
  const refused = [...refusedVersions].map(([version, { reason, time }]) => {
    const text = `The update to ${version} failed at ${time} and is not taken again by itself: ${reason}`;
    return advice("updates", text, "apiclient update apply --retry takes it");
  });
  return [...unmet, ...refused];
}

function trialFindings({ trial }: Facts): readonly Finding[] {
  if (trial === null) return [];
  const text = `A trial of ${trial.keys.join(", ")} runs; it is put back in ${trial["seconds-left"]} s`;
  return [advice("trial", text, "apiclient confirm keeps it, apiclient revert puts it back now")];
}
