/**
 * Failures of the host's rooms: a code, facts, a sentence and a next step. Each room keeps its own table and
 * makes its failures with `failuresOf`; documentation is derived from the tables.
 */

/** One row of a room's table of failures. */
interface FailureRow<Facts> {
  /** The sentence: what went wrong and where. */
  readonly says: (facts: Facts) => string;
  /** The next step for the person who reads it. */
  readonly hint: string;
}

/** The table of a room: one row for each code, checked against the facts that the code needs. */
export type FailureTable<Facts extends object> = {
  readonly [Code in keyof Facts]: FailureRow<Facts[Code]>;
};

/** What the rooms throw. `code` names the row of the table, `facts` its values; the cause is kept. */
export class Failure extends Error {
  readonly code: string;
  readonly facts: unknown;
  readonly hint: string;

  constructor(code: string, facts: unknown, says: string, hint: string, options?: ErrorOptions) {
    super(says, options);
    this.name = "Failure";
    this.code = code;
    this.facts = facts;
    this.hint = hint;
  }
}

/**
 * Makes the function that builds the failures of one table.
 *
 * @returns `fail(code, facts, {cause})`, which returns the failure for the caller to throw; `fail.table` is for the
 *   documentation
 */
export function failuresOf<Facts extends object>(table: FailureTable<Facts>) {
  const fail = <Code extends keyof Facts & string>(
    code: Code,
    facts: Facts[Code],
    options?: ErrorOptions,
  ): Failure => {
    const row: FailureRow<Facts[Code]> = table[code];
    return new Failure(code, facts, row.says(facts), row.hint, options);
  };
  return Object.assign(fail, { table });
}

/**
 * The readable line of anything that was thrown, its causes included: "outer: inner: innermost".
 *
 * @throws never
 */
export function failureText(thrown: unknown): string {
  const parts: string[] = [];
  let current: unknown = thrown;
  // A chain of causes can be a ring; eight are more than any room makes.
  for (let depth = 0; current !== undefined && depth < 8; depth++) {
    const text = current instanceof Error ? current.message : String(current);
    if (!parts.some((part) => part.includes(text))) parts.push(text);
    current = current instanceof Error ? current.cause : undefined;
  }
  return parts.join(": ");
}
