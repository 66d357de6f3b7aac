/** Asks registries whether they answer. Acts: names are looked up, connections made. */
import { lookup } from "node:dns/promises";
import type { Diagnosis } from "../api/index.ts";
import { errorCode, readTextIfExists } from "../linux/files.ts";
import type { RegistryToAsk } from "./registries.ts";

// A registry that takes longer would not do for pulling either, and somebody waits for all of this.
// The runtime of the server hangs up after 10 s, and a look may have to wait for another one.
const LOOKUP_MS = 2000;
const ANSWER_MS = 3000;
const CERTIFICATES = "/etc/pki/tls/certs/ca-bundle.crt";

/** Asks all of them at the same time. */
export async function askRegistries(all: readonly RegistryToAsk[]): Promise<Diagnosis["registries"]> {
  const ca = await readTextIfExists(CERTIFICATES);
  return Promise.all(
    all.map(async (registry) => {
      const startMs = performance.now();
      const answer = await ask(registry, ca);
      return { url: registry.url, ...answer, "duration-ms": Math.round(performance.now() - startMs) };
    }),
  );
}

type Outcome = Pick<Diagnosis["registries"][number], "reached" | "detail">;

async function ask({ url, host, proxy }: RegistryToAsk, ca: string | undefined): Promise<Outcome> {
  // Behind a proxy it is the proxy that looks the name up.
  if (proxy === undefined) {
    const why = await lookupProblem(host);
    if (why !== undefined) return { reached: false, detail: `the name ${host} cannot be looked up: ${why}` };
  }
  try {
    const response = await fetch(url, {
      redirect: "manual",
      signal: AbortSignal.timeout(ANSWER_MS),
      ...(proxy === undefined ? {} : { proxy }),
      ...(ca === undefined ? {} : { tls: { ca } }),
    });
    await response.body?.cancel();
    // To be asked who one is, is an answer; but not that of a gateway before a registry that is down.
    return { reached: response.status < 500, detail: `answered with status ${response.status}` };
  } catch (error) {
    return { reached: false, detail: whyNot(error) };
  }
}

async function lookupProblem(host: string): Promise<string | undefined> {
  const late = Bun.sleep(LOOKUP_MS).then(() => `no answer within ${LOOKUP_MS / 1000} s`);
  const found = lookup(host).then(
    () => undefined,
    (error: unknown) => errorCode(error) ?? String(error),
  );
  return Promise.race([found, late]);
}

function whyNot(error: unknown): string {
  if (error instanceof Error && error.name === "TimeoutError")
    return `no answer within ${ANSWER_MS / 1000} s`;
  const message = error instanceof Error ? error.message : String(error);
  return errorCode(error) === undefined ? message : `${message} (${errorCode(error)})`;
}
