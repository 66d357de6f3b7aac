/** Replies of the API, before they become HTTP. */

/** A reply: its status, and a body that is JSON text or one sentence for people (api.md 5). */
export interface Reply {
  readonly status: number;
  readonly kind: "json" | "text" | "empty";
  readonly body: string;
  /** Names the kind of failure for programs, where it is one of our tables (api.md 5: the text is not for them). */
  readonly code?: string;
  /** What people should know besides, beside a body that is for programs. */
  readonly remark?: string;
  /** The id under which the outcome of what was asked can be read. */
  readonly commit?: string;
  /** The id under which the end of an update command can be read. */
  readonly command?: string;
}

/** The header of a reply that says under which id the outcome of what was asked can be read. */
export const commitHeader = "Pinwheel-Commit";

/** The header of a reply that says under which id the end of an update command can be read. */
export const commandHeader = "Pinwheel-Command";

/** The header of a remark: it is not in the body, whose form is for programs. */
export const remarkHeader = "Pinwheel-Remark";

/** 200 with compact JSON. */
export const found = (value: unknown): Reply => ({ status: 200, kind: "json", body: JSON.stringify(value) });

/** 204: done, nothing to say. */
export const done: Reply = { status: 204, kind: "empty", body: "" };

/** 404 without a body: no such path, or not with this method (api.md 5.1). */
export const noSuchPath: Reply = { status: 404, kind: "empty", body: "" };

/** 405 without a body. */
export const notThisMethod: Reply = { status: 405, kind: "empty", body: "" };

/** A request that cannot be answered as asked: a status and why. */
export const refused = (status: number, text: string): Reply => ({ status, kind: "text", body: text });
