/** netdog: the host's network, from its configuration to the node's name (specification "platform" 6.2). */
import type { Log } from "../linux/log.ts";
import { reportedText } from "../platform/boot-report.ts";
import {
  generateHostname,
  generateNetConfig,
  nodeIp,
  preparePrimaryInterface,
  setHostname,
} from "../platform/network/index.ts";
import { writeResolver } from "../platform/resolver.ts";
import {
  apiOf,
  type CommandShape,
  type Given,
  type ProgramShape,
  runCommandOf,
  socketOption,
} from "./program.ts";

const shape: Omit<ProgramShape, "commands"> = {
  name: "netdog",
  about: "Configures the network of this host and answers what it is known by.",
  commandLine: "subcommand",
  options: [socketOption],
};

const ROOT = "/";
/** stdout of the generators is their result, so what else there is to say goes to stderr. */
const note = (text: string) => void process.stderr.write(`${text}\n`);
const printJson = (value: string) => void process.stdout.write(`${JSON.stringify(value)}\n`);

const commands: Readonly<Record<string, CommandShape>> = {
  "generate-net-config": {
    about: "write the network daemon's files from net.toml or the kernel command line",
    run: runGenerateNetConfig,
  },
  "prepare-primary-interface": {
    about: "set kernel parameters of the primary interface",
    run: runPreparePrimaryInterface,
  },
  "node-ip": { about: "print the node's IP address as JSON", run: runNodeIp },
  "generate-hostname": { about: "print a hostname for the node as JSON", run: runGenerateHostname },
  "set-hostname NAME": { about: "set the kernel's hostname", run: runSetHostname },
  "write-resolv-conf": {
    about: "write /etc/resolv.conf from the settings and the DHCP lease",
    run: runWriteResolvConf,
  },
};

/** @returns 0; 1 for a failure and for a wrong command line */
export function main(args: readonly string[]): Promise<number> {
  return runCommandOf(shape, commands, args);
}

async function runGenerateNetConfig(_given: Given, say: Log): Promise<number> {
  const result = await generateNetConfig(ROOT);
  switch (result.kind) {
    case "written":
      say.info(`Configured the network from ${result.source}: ${result.files.join(", ")}`);
      return 0;
    case "nothing":
      note(`no network interfaces were configured (looked in ${result.source})`);
      return 0;
    case "invalid":
      for (const problem of result.problems) note(problem);
      note("The network configuration is invalid, so nothing of it was used");
      return 1;
  }
}

async function runPreparePrimaryInterface(_given: Given, say: Log): Promise<number> {
  for (const unset of await preparePrimaryInterface(ROOT)) {
    say.info(`Not set now, but as soon as the interface appears: ${unset}`);
  }
  return 0;
}

async function runNodeIp(): Promise<number> {
  printJson(await nodeIp(ROOT));
  return 0;
}

async function runGenerateHostname(): Promise<number> {
  const { hostname, found, address } = await generateHostname(ROOT);
  if (!found) note(`${address} has no usable name in /etc/hosts or DNS; the address itself is the name`);
  printJson(hostname);
  return 0;
}

async function runSetHostname({ operands }: Given, say: Log): Promise<number> {
  const [name = ""] = operands;
  const held = await setHostname(ROOT, name);
  if (held !== name) say.warn(`The kernel holds 64 bytes of a hostname; ${name} was shortened to ${held}`);
  return 0;
}

async function runWriteResolvConf(given: Given): Promise<number> {
  for (const remark of await writeResolver({ root: ROOT, call: apiOf(given).call })) {
    note(remark.level === "info" ? remark.text : reportedText(remark.problem));
  }
  return 0;
}
