/** After all tests of the API: was every status that the description names answered by the real server? */
import { describe, expect, it } from "bun:test";
import { described } from "../api/support/described.ts";
import { readSeen } from "../api/support/seen.ts";

const seen = readSeen();

// Whoever runs this file alone has not run the tests whose answers it looks at.
describe.skipIf(seen === undefined)(
  "a status that is described is answered in some test of tests/api",
  () => {
    for (const answer of described) {
      it(answer, () => expect(seen?.has(answer)).toBe(true));
    }
  },
);
