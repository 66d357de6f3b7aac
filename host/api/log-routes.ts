/**
 * GET /logs: the journal of one unit, which may be that of a container. Not in the reference, whose users need a shell
 * on the host for it. Decides which unit is meant and from where on; nothing of a request becomes an option.
 */
import type { Decision } from "./decision.ts";
import { missing } from "./parameters.ts";
import { type Reply, refused } from "./reply.ts";
import type { ApiRequest } from "./request.ts";
import type { View } from "./view.ts";

/** What of the journal is asked for. */
export interface LogQuery {
  /** Full name of the unit; never a pattern, and never an option. */
  readonly unit: string;
  /** Goes on with what is yet to come. */
  readonly follow: boolean;
  /** As systemd understands it, `@SECONDS` since 1970 or `-SECONDS` from now; undefined for no limit. */
  readonly since: string | undefined;
  readonly lines: number | "all";
}

/** So many, when neither `lines` nor `since` says what is wanted. */
const FEW_LINES = 200;

/** Decides which log is read. */
export function readLogs(request: ApiRequest, view: View): Decision {
  const { query } = request;
  const name = query.get("unit");
  if (name === undefined) return reply(missing("unit"));
  const unit = unitOf(name, view.live);
  if (unit === undefined) {
    return wrong("unit", name, "the name of a unit, with or without .service, or of a container");
  }
  const follow = query.get("follow") ?? "false";
  if (follow !== "true" && follow !== "false") return wrong("follow", follow, "true, false");
  const given = query.get("since");
  const since = given === undefined ? undefined : sinceOf(given);
  if (given !== undefined && since === undefined) {
    return wrong("since", given, "a time such as 2026-01-31T12:00:00Z, or how long ago: 90s, 10m, 1h30m, 2d");
  }
  const count = query.get("lines");
  const lines = count === undefined ? (since === undefined ? FEW_LINES : "all") : linesOf(count);
  if (lines === undefined) return wrong("lines", count ?? "", "a number of at most seven digits, or all");
  return { kind: "logs", query: { unit, follow: follow === "true", since, lines } };
}

// What systemd takes in names of units, whose first character can be no hyphen here: it would begin an option. Without
// *, ? and [ nothing is a pattern.
const UNIT_NAME = /^[A-Za-z0-9:_.\\@][A-Za-z0-9:_.\\@-]{0,254}$/;
const UNIT_SUFFIX = /\.(service|socket|target|mount|automount|timer|path|slice|scope|swap|device)$/;

/** The unit that a name means: a container of the settings before a service of the same name. */
function unitOf(name: string, live: View["live"]): string | undefined {
  if (!UNIT_NAME.test(name)) return undefined;
  if (UNIT_SUFFIX.test(name)) return name;
  for (const kind of ["host-containers", "bootstrap-containers"]) {
    const prefix = `settings.${kind}.${name}.`;
    for (const key of live.keys()) if (key.startsWith(prefix)) return `${kind}@${name}.service`;
  }
  return `${name}.service`;
}

function sinceOf(text: string): string | undefined {
  const ago = /^(?=\d)(?:(\d{1,5})d)?(?:(\d{1,5})h)?(?:(\d{1,6})m)?(?:(\d{1,8})s)?$/.exec(text);
  if (ago !== null) {
    const [days = 0, hours = 0, minutes = 0, seconds = 0] = ago.slice(1).map((part) => Number(part ?? 0));
    return `-${((days * 24 + hours) * 60 + minutes) * 60 + seconds}s`;
  }
  if (!/^\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d))?$/.test(text)) return undefined;
  const timeMs = Date.parse(text);
  return Number.isNaN(timeMs) || timeMs < 0 ? undefined : `@${Math.floor(timeMs / 1000)}`;
}

function linesOf(text: string): number | "all" | undefined {
  if (text === "all") return text;
  return /^\d{1,7}$/.test(text) ? Number(text) : undefined;
}

const reply = (of: Reply): Decision => ({ kind: "reply", reply: of });

const wrong = (parameter: string, found: string, accepted: string): Decision =>
  reply(refused(400, `The parameter ${parameter} is ${JSON.stringify(found)}; accepted: ${accepted}`));
