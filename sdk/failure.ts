/**
 * Failures of the workstation tool: a code, facts, a sentence and a next step, kept in one table a room.
 */

/** One row of a room's table of failures. `Facts` is what the sentence needs to know. */
export interface FailureRow<Facts> {
  says(facts: Facts): string;
  hint: string | ((facts: Facts) => string);
}

/**
 * What the tool prints as `error:` (the message), `while:` (what it was doing) and `try:` (the next step).
 *
 * @throws never by itself; thrown by the rooms of the workstation side
 */
export class ToolFailure extends Error {
  readonly code: string;
  readonly hint: string;

  constructor(code: string, says: string, hint: string, options?: ErrorOptions) {
    super(says, options);
    this.name = "ToolFailure";
    this.code = code;
    this.hint = hint;
  }
}

/**
 * Makes the function that builds failures of one table, so that every code has its row and its facts.
 *
 * @returns `fail(code, facts, {cause})`, which returns the failure for the caller to throw; `fail.table` is for the
 *   documentation
 */
export function failuresOf<Facts extends object>(
  table: {
    readonly [Code in keyof Facts & string]: FailureRow<Facts[Code]>;
  },
) {
  const fail = <Code extends keyof Facts & string>(
    code: Code,
    facts: Facts[Code],
    options?: ErrorOptions,
  ): ToolFailure => {
    const row: FailureRow<Facts[Code]> = table[code];
    const hint = typeof row.hint === "string" ? row.hint : row.hint(facts);
    return new ToolFailure(code, row.says(facts), hint, options);
  };
  return Object.assign(fail, { table });
}
