/**
 * Takes from the runtime what would turn it back into an interpreter through its environment.
 *
 * The first byte of each name becomes NUL. No environment can hold such a name, so it is never found, whether the
 * runtime compares bytes with a length or asks the C library (which finds nothing for an empty name). Replacing by
 * another printable name would only rename the door. Names that end in the same letters share their tail in the
 * file's string table, which is why only the first byte changes.
 */

/** Environment names that load code, open an inspector, or start or reach something that nobody on a host asked for. */
export const SEALED_NAMES = [
  "BUN_BE_BUN", // be the stock command line: run any script
  "BUN_OPTIONS", // command line words, among them --preload and --inspect
  "BUN_INSPECT", // also covers BUN_INSPECT_CONNECT_TO and BUN_INSPECT_PRELOAD, whose names begin so
  "BUN_RUNTIME_TRANSPILER_CACHE_PATH", // transpiled code is taken from there
  "NODE_COMPILE_CACHE", // likewise
  "BUN_TCC_OPTIONS", // options of the built-in C compiler
  "BUN_CHROME_PATH", // a program to start
  "BUN_CRASH_REPORT_URL", // where crash reports are sent
  "BUN_FEATURE_FLAG_INTERNAL_FOR_TESTING", // opens internal modules
] as const;

/**
 * Overwrites every sealed name in the runtime.
 *
 * @param runtime  the whole executable; not changed
 * @returns a sealed copy of the same length, and the names that were not found in it
 */
export function sealRuntime(runtime: Uint8Array): { sealed: Uint8Array; missing: readonly string[] } {
  const sealed = Buffer.from(runtime);
  const missing: string[] = [];
  for (const name of SEALED_NAMES) {
    let found = 0;
    for (let at = sealed.indexOf(name); at !== -1; at = sealed.indexOf(name, at + 1)) {
      if (isScriptText(sealed, at)) continue;
      sealed[at] = 0;
      found += 1;
    }
    if (found === 0) missing.push(name);
  }
  return { sealed, missing };
}

/**
 * Whether the name stands in the text of a built-in script, as `env.NAME` or `"NAME"`. Those read names that matter
 * only once the inspector runs, or list names for documentation; a NUL there would be a syntax error.
 */
function isScriptText(bytes: Buffer, at: number): boolean {
  const before = bytes[at - 1];
  return before === 0x2e || before === 0x22 || before === 0x27;
}
