/** netdog: the host's network, from its configuration to the node's name (specification "platform" 6.2). */
import { callApi, scanArguments } from "../api/index.ts";
import { Failure, failureText } from "../linux/failure.ts";
import { log } from "../linux/log.ts";
import { reportedText } from "../platform/boot-report.ts";
import {
  generateHostname,
  generateNetConfig,
  nodeIp,
  preparePrimaryInterface,
  setHostname,
} from "../platform/network/index.ts";
import { writeResolver } from "../platform/resolver.ts";

const USAGE = `Configures the network of this host and answers what it is known by.

Usage: netdog COMMAND

  generate-net-config          write the network daemon's files from net.toml or the kernel command line
  prepare-primary-interface    set kernel parameters of the primary interface
  node-ip                      print the node's IP address as JSON
  generate-hostname            print a hostname for the node as JSON
  set-hostname NAME            set the kernel's hostname
  write-resolv-conf            write /etc/resolv.conf from the settings and the DHCP lease
  --help                       this text
`;

const ROOT = "/";
const API_SOCKET = "/run/api.sock";
const say = log("netdog");
/** stdout of the generators is their result, so what else there is to say goes to stderr. */
const note = (text: string) => void process.stderr.write(`${text}\n`);
const printJson = (value: string) => void process.stdout.write(`${JSON.stringify(value)}\n`);

type Command = { readonly operands: readonly string[]; run(...operands: string[]): Promise<number> };

const commands: ReadonlyMap<string, Command> = new Map<string, Command>([
  ["generate-net-config", { operands: [], run: runGenerateNetConfig }],
  ["prepare-primary-interface", { operands: [], run: runPreparePrimaryInterface }],
  ["node-ip", { operands: [], run: runNodeIp }],
  ["generate-hostname", { operands: [], run: runGenerateHostname }],
  ["set-hostname", { operands: ["NAME"], run: runSetHostname }],
  ["write-resolv-conf", { operands: [], run: runWriteResolvConf }],
]);

/** @returns 0; 1 for a failure and for a wrong command line */
export async function main(args: readonly string[]): Promise<number> {
  const scanned = scanArguments(args, [{ names: ["--help", "-h"], takesValue: false }]);
  if ("problem" in scanned) return wrong(scanned.problem);
  if (scanned.options.has("--help")) {
    process.stdout.write(USAGE);
    return 0;
  }
  const [name, ...operands] = scanned.words;
  const command = commands.get(name ?? "");
  if (command === undefined) {
    return wrong(name === undefined ? "a command is missing" : `unknown command ${JSON.stringify(name)}`);
  }
  if (operands.length !== command.operands.length) {
    const expected = command.operands.join(" ") || "nothing";
    return wrong(`after ${name} found ${operands.length} words; accepted: ${expected}`);
  }
  try {
    return await command.run(...operands);
  } catch (error) {
    note(`netdog ${name}: ${failureText(error)}`);
    if (error instanceof Failure) note(`try: ${error.hint}`);
    return 1;
  }
}

function wrong(problem: string): number {
  process.stderr.write(`netdog: ${problem}\n\n${USAGE}`);
  return 1;
}

async function runGenerateNetConfig(): Promise<number> {
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

async function runPreparePrimaryInterface(): Promise<number> {
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

async function runSetHostname(name: string): Promise<number> {
  const held = await setHostname(ROOT, name);
  if (held !== name) say.warn(`The kernel holds 64 bytes of a hostname; ${name} was shortened to ${held}`);
  return 0;
}

async function runWriteResolvConf(): Promise<number> {
  const call = (method: string, uri: string, body?: string) => callApi(API_SOCKET, method, uri, body);
  for (const remark of await writeResolver({ root: ROOT, call })) {
    note(remark.level === "info" ? remark.text : reportedText(remark.problem));
  }
  return 0;
}
