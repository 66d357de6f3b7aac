/** The words in which endpoints are described, for the OpenAPI document. */
import type { Schema } from "../../settings/index.ts";
import type { HeaderName } from "./headers.ts";
import type { ParameterName } from "./parameters.ts";
import type { SchemaName } from "./schemas.ts";

/** What an endpoint takes and answers. */
export interface Endpoint {
  /** A few words, without a full stop. */
  readonly summary: string;
  /** What is not obvious from the summary. */
  readonly description?: string;
  /** The ones in `required` must be given. */
  readonly parameters?: readonly ParameterName[];
  readonly required?: readonly ParameterName[];
  /** The JSON body of a request; absent where a body means nothing. */
  readonly body?: SchemaName;
  /** Every status that the endpoint answers with, and when. */
  readonly replies: Readonly<Partial<Record<Status, Answer>>>;
}

type Status = 101 | 200 | 204 | 400 | 404 | 409 | 413 | 422 | 423 | 500 | 503;

/** When a status is answered, and with what: a JSON body, a text for people where none is named, or nothing. */
export interface Answer {
  readonly when: string;
  readonly json?: SchemaName | Schema;
  readonly empty?: true;
  /** A text that may be empty. */
  readonly mayBeEmpty?: true;
  /** Of these some may be missing. */
  readonly headers?: readonly HeaderName[];
}

/** 200 with JSON. */
export const answers = (json: SchemaName | Schema, when: string): Answer => ({ when, json });

/** A status without a body. */
export const nothing = (when: string): Answer => ({ when, empty: true });

/** A status whose body is one sentence for people. */
export const says = (when: string): Answer => ({ when });

/** The same answer, with a header that it may have besides. */
export const withHeader = (name: HeaderName, answer: Answer): Answer => ({
  ...answer,
  headers: [...(answer.headers ?? []), name],
});

/** 500: a failure of the server's own, with its code where it has one. */
export const fails = (when: string): Answer => ({ when, headers: ["Pinwheel-Error"] });

/** The 400 of a parameter that is given, but cannot be used. */
export const badParameter: Answer = says("A parameter is empty, malformed or missing; the text names it");
