/** /etc/resolv.conf, and what is looked up with it. */

import type { CallApi } from "../apply/index.ts";
import { reportedFailure } from "./boot-report.ts";
import { liveSetting } from "./live-settings.ts";
import { type DnsConfig, dnsOfSettings, writeResolvConf } from "./network/index.ts";
import type { Remark } from "./remarks.ts";

interface Host {
  /** The directory under which the host's files are found: "/" on a host. */
  readonly root: string;
  readonly call: CallApi;
}

/**
 * Writes /etc/resolv.conf from /etc/netdog.toml and the lease. When it or the host's address changed, /etc/hosts
 * is rendered again, as it names the host only where no name server does. Nothing is restarted by that: no other file
 * depends on it.
 *
 * @throws  Failure as `writeResolvConf`
 */
export async function writeResolver({ root, call }: Host): Promise<readonly Remark[]> {
  const { isConfigured, isChanged } = await writeResolvConf(root);
  return [...(isConfigured ? [] : [followsDhcp]), ...(isChanged ? await renderHosts(call) : [])];
}

const followsDhcp: Remark = { level: "info", text: "settings.dns is not set; /etc/resolv.conf follows DHCP" };

async function renderHosts(call: CallApi): Promise<readonly Remark[]> {
  try {
    // Without a hostname there is nothing to look up.
    if ((await liveSetting(call, "network", "hostname")) === undefined) return [];
    const { status, body } = await call("POST", "/tx/apply?keys=settings.network.hosts");
    if (status < 200 || status > 299) throw new Error(`status ${status}: ${body}`);
    return [];
  } catch (error) {
    const cause = new Error("/etc/hosts is not rendered again", { cause: error });
    return [{ level: "warn", problem: reportedFailure("netdog write-resolv-conf", cause) }];
  }
}

/** The DNS settings that are live; /etc/netdog.toml has them only once everything is applied. */
export async function liveDns(call: CallApi): Promise<DnsConfig> {
  return dnsOfSettings(await liveSetting(call, "dns"));
}
