/**
 * The endpoints of the API: request in, decision out. What each of them is, for people and programs, stands in
 * description/: an endpoint that is in only one of the two does not compile.
 *
 * Nothing here touches a disk, a socket or a process.
 */
import { readApplied } from "./applied-routes.ts";
import type { Decision } from "./decision.ts";
import { readDefinitions } from "./definition-routes.ts";
import { diffTransaction } from "./diff-route.ts";
import { readLogs } from "./log-routes.ts";
import { readAffectedServices, readSettingGenerators, readTemplates } from "./metadata-routes.ts";
import { readModel, readOs } from "./model-routes.ts";
import { found, noSuchPath, notThisMethod, type Reply, refused } from "./reply.ts";
import type { ApiRequest } from "./request.ts";
import { patchSettings, readSchema, readSettings } from "./settings-routes.ts";
import { look } from "./status-routes.ts";
import {
  applySettings,
  commitTransaction,
  deleteTransaction,
  listTransactions,
  readTransaction,
} from "./transaction-routes.ts";
import { endTrial, readTrial } from "./trial-routes.ts";
import { unsetSettings } from "./unset-route.ts";
import { prepareUpdate, startUpdate } from "./update-routes.ts";
import type { Report, View } from "./view.ts";

type Route = (request: ApiRequest, view: View) => Decision;

const reads =
  (read: (request: ApiRequest, view: View) => Reply): Route =>
  (request, view) => ({ kind: "reply", reply: read(request, view) });

const table = {
  "GET /": reads(readModel),
  "GET /settings": reads(readSettings),
  "GET /settings/schema": reads((_, view) => readSchema(view)),
  "PATCH /settings": patchSettings,
  "DELETE /settings": unsetSettings,
  "GET /tx": reads(readTransaction),
  "DELETE /tx": deleteTransaction,
  "GET /tx/list": reads((_, view) => listTransactions(view)),
  "POST /tx/commit": (request, view) => commitTransaction(request, view, false),
  "POST /tx/commit_and_apply": (request, view) => commitTransaction(request, view, true),
  "POST /tx/apply": applySettings,
  "GET /tx/diff": diffTransaction,
  "GET /tx/applied": readApplied,
  "GET /tx/trial": reads((_, view) => readTrial(view)),
  "POST /tx/confirm": (_, view) => endTrial(view, "confirmed"),
  "POST /tx/revert": (_, view) => endTrial(view, "reverted"),
  "GET /os": reads(readOs),
  "GET /metadata/affected-services": reads(readAffectedServices),
  "GET /metadata/setting-generators": reads((_, view) => readSettingGenerators(view)),
  "GET /metadata/templates": reads(readTemplates),
  "GET /services": reads((request, view) => readDefinitions("services", request, view)),
  "GET /configuration-files": reads((request, view) => readDefinitions("configuration-files", request, view)),
  "GET /boot/report": reads((_, view) => readReport(view.bootReport())),
  "GET /apply/report": () => ({ kind: "last-report" }),
  "GET /status": (_, view) => look("status", view),
  "GET /doctor": (_, view) => look("doctor", view),
  "GET /logs": readLogs,
  "POST /actions/reboot": () => ({ kind: "reboot" }),
  "POST /actions/refresh-updates": () => startUpdate("refresh"),
  "POST /actions/prepare-update": prepareUpdate,
  "POST /actions/activate-update": () => startUpdate("activate"),
  "POST /actions/deactivate-update": () => startUpdate("deactivate"),
  "GET /updates/status": () => ({ kind: "update-status" }),
  "GET /updates/progress": () => ({ kind: "update-progress" }),
  "GET /exec": () => ({ kind: "exec" }),
  "GET /docs/": reads(() => documents),
  "GET /docs/openapi.json": () => ({ kind: "describe" }),
} satisfies Readonly<Record<string, Route>>;

/** `METHOD /path` of an endpoint. */
export type EndpointName = keyof typeof table;

// What is sent to any other is of no meaning to it, whatever its length.
const withBody: ReadonlySet<string> = new Set<EndpointName>(["PATCH /settings"]);

const routes: ReadonlyMap<string, Route> = new Map(Object.entries(table));

/**
 * Decides what a request leads to; an unknown path, or a known one with another method, is a 404, only `/exec` with
 * another method is a 405 (api.md 5.1).
 */
export function decide(request: ApiRequest, view: View): Decision {
  const route = routes.get(`${request.method} ${request.path}`);
  if (route !== undefined) return route(request, view);
  return { kind: "reply", reply: request.path === "/exec" ? notThisMethod : noSuchPath };
}

/** Whether a request's body has a meaning. */
export const takesBody = (method: string, path: string): boolean => withBody.has(`${method} ${path}`);

const documents: Reply = found({ "openapi.json": "What this API takes and answers (OpenAPI 3.1)" });

/** How configuring this boot went; not in the reference, which leaves it to the journal. */
function readReport(report: Report): Reply {
  switch (report.kind) {
    case "none":
      return refused(404, "There is no report yet: this boot has not been configured so far");
    case "unreadable":
      return refused(500, `The report cannot be read: ${report.why}`);
    case "text":
      return { status: 200, kind: "json", body: report.text };
  }
}
