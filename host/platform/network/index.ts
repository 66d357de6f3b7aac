/**
 * The host's network: from `net.toml` to the network daemon's files, and from the running network to the
 * node's address, hostname and resolver. What answers to `netdog` lives here.
 *
 * Every function takes `root`, the directory under which the host's files are found: "/" on a host.
 */

export { generateNetConfig } from "./generate.ts";
export {
  type AcceptedAddress,
  generateHostname,
  nodeIp,
  setHostname,
  writeResolvConf,
} from "./identity.ts";
export { preparePrimaryInterface } from "./primary-interface.ts";
export { type DnsConfig, dnsOfSettings } from "./resolv-conf.ts";
