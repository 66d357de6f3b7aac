/**
 * The command line of host-ctr.
 *
 * @source  specification "containers" 7.1
 */
import type { Kind } from "../failures.ts";
import { type Limits, limitNames, readLimits } from "../limits.ts";
import type { Profile } from "../spec/profile.ts";

/** Where containerd is. */
export interface Connection {
  readonly socket: string;
  readonly namespace: string;
}

export type Command =
  | { readonly kind: "help"; readonly text: string }
  | {
      readonly kind: "run";
      readonly connection: Connection;
      readonly source: string;
      readonly name: string;
      readonly container: Kind;
      readonly profile: Profile;
      readonly limits: Limits;
      readonly registryConfig: string | undefined;
    }
  | {
      readonly kind: "pull-image";
      readonly connection: Connection;
      readonly source: string;
      readonly registryConfig: string | undefined;
    }
  | { readonly kind: "clean-up"; readonly connection: Connection; readonly id: string }
  /** Help is printed too, unless there is none for what was asked. */
  | { readonly kind: "wrong"; readonly problem: string; readonly text: string; readonly exitCode: 1 | 3 };

interface Flag {
  readonly short?: string;
  /** Stands for its value; a flag without one is true or false. */
  readonly value?: string;
  readonly isRequired?: true;
  readonly about: string;
}

type Flags = Readonly<Record<string, Flag>>;

const globalFlags = {
  "containerd-socket": {
    short: "s",
    value: "PATH",
    about: "containerd's socket (default /run/host-containerd/containerd.sock)",
  },
  namespace: { short: "n", value: "NAME", about: "containerd's namespace (default default)" },
} satisfies Flags;

const source: Flag = { value: "REF", isRequired: true, about: "the image: HOST[:PORT]/PATH[:TAG][@DIGEST]" };
const registryConfig: Flag = { value: "PATH", about: "the file with mirrors and credentials of registries" };

const commands: Readonly<Record<string, { readonly about: string; readonly flags: Flags }>> = {
  run: {
    about: "run a container, to its end",
    flags: {
      source,
      "container-id": { value: "ID", isRequired: true, about: "the name of the container" },
      superpowered: { about: "give it the host (default false)" },
      "registry-config": registryConfig,
      "container-type": { value: "TYPE", about: "host or bootstrap (default host)" },
      // Not of the reference.
      memory: {
        value: "AMOUNT",
        about: "memory it may use, such as 512Mi (default, and if empty: no limit)",
      },
      cpu: { value: "NUMBER", about: "processors it may use, such as 500m or 1.5 (default no limit)" },
      pids: { value: "NUMBER", about: "processes and threads it may have (default no limit)" },
    },
  },
  "pull-image": {
    about: "pull an image",
    flags: { source, "registry-config": registryConfig },
  },
  "clean-up": {
    about: "remove a container, whatever it does",
    flags: { "container-id": { value: "ID", isRequired: true, about: "its name in containerd" } },
  },
};

/** Reads the command line. Whatever is wrong with it is found before anything is contacted. */
export function parseCommandLine(args: readonly string[]): Command {
  const global = readFlags(globalFlags, args);
  const [word, ...rest] = global.rest;
  const help = usage();
  if (global.problem !== undefined) return wrong(global.problem, help);
  if (global.isHelp || word === undefined || word === "help" || word === "h")
    return { kind: "help", text: help };
  const command = Object.hasOwn(commands, word) ? commands[word] : undefined;
  if (command === undefined) {
    return { kind: "wrong", problem: `No help topic for '${word}'`, text: "", exitCode: 3 };
  }
  const text = usage(word);
  const given = readFlags(command.flags, rest);
  if (given.isHelp) return { kind: "help", text };
  if (given.problem !== undefined) return wrong(given.problem, text);
  const [extra] = given.rest;
  if (extra !== undefined) return wrong(`unknown argument ${JSON.stringify(extra)}`, text);
  const missing = Object.entries(command.flags)
    .filter(([name, flag]) => flag.isRequired === true && !given.values.has(name))
    .map(([name]) => `--${name}`);
  if (missing.length > 0) return wrong(`${missing.join(", ")} must be given`, text);

  const connection = {
    socket: global.values.get("containerd-socket") ?? "/run/host-containerd/containerd.sock",
    namespace: global.values.get("namespace") ?? "default",
  };
  const value = (name: string) => given.values.get(name) ?? "";
  const pull = {
    connection,
    source: value("source"),
    registryConfig: given.values.get("registry-config"),
  };
  switch (word) {
    case "clean-up":
      return { kind: "clean-up", connection, id: value("container-id") };
    case "pull-image":
      return { kind: "pull-image", ...pull };
    default:
      return readRun(given.values, pull, text);
  }
}

type Pull = Omit<Extract<Command, { kind: "pull-image" }>, "kind">;

function readRun(values: ReadonlyMap<string, string>, pull: Pull, text: string): Command {
  const name = values.get("container-id") ?? "";
  // It becomes part of paths.
  if (!/^[A-Za-z0-9-]{1,76}$/.test(name)) {
    return wrong(
      `--container-id is ${JSON.stringify(name)}; accepted: 1 to 76 characters A-Z a-z 0-9 -`,
      text,
    );
  }
  const type = values.get("container-type") ?? "host";
  if (type !== "host" && type !== "bootstrap") {
    return wrong(`--container-type is ${JSON.stringify(type)}; accepted: host, bootstrap`, text);
  }
  const isSuperpowered = values.get("superpowered") === "true";
  if (isSuperpowered && type === "bootstrap")
    return wrong("bootstrap containers cannot be superpowered", text);
  const profile = isSuperpowered ? "superpowered" : type === "bootstrap" ? "bootstrap" : "normal";
  // An empty one is none: the unit gives all of them, whether the environment file has them or not.
  const given = limitNames.filter((limit) => (values.get(limit) ?? "") !== "");
  const limits = readLimits(Object.fromEntries(given.map((limit) => [limit, values.get(limit)])));
  if ("wrong" in limits) {
    const { wrong: limit } = limits;
    return wrong(`--${limit} is ${JSON.stringify(values.get(limit))}, which is no such limit`, text);
  }
  return { kind: "run", ...pull, name, container: type, profile, limits };
}

function wrong(problem: string, text: string): Command {
  return { kind: "wrong", problem, text, exitCode: 1 };
}

interface Read {
  readonly values: ReadonlyMap<string, string>;
  readonly rest: readonly string[];
  readonly isHelp: boolean;
  readonly problem: string | undefined;
}

/** Flags up to the first word that is none, in the ways that the reference takes them: `-x v`, `--x v`, `--x=v`. */
function readFlags(flags: Flags, args: readonly string[]): Read {
  const values = new Map<string, string>();
  const left = [...args];
  let isHelp = false;
  const read = (problem?: string): Read => ({ values, rest: left, isHelp, problem });
  while (left[0]?.startsWith("-") === true) {
    const [, given = "", inline] = /^--?([^=]*)(?:=(.*))?$/s.exec(left.shift() ?? "") ?? [];
    if (given === "help" || given === "h") {
      isHelp = true;
      continue;
    }
    const found = Object.entries(flags).find(([name, { short }]) => name === given || short === given);
    if (found === undefined) return read(`there is no flag -${given}`);
    const [name, { value }] = found;
    if (value === undefined) {
      const word = inline ?? "true";
      if (!/^(true|false|t|f|1|0)$/i.test(word))
        return read(`--${name} is ${JSON.stringify(word)}, not true or false`);
      values.set(name, /^(true|t|1)$/i.test(word) ? "true" : "false");
      continue;
    }
    const word = inline ?? left.shift();
    if (word === undefined) return read(`--${name} needs a value: ${value}`);
    values.set(name, word);
  }
  return read();
}

function usage(word?: string): string {
  const flags = (word === undefined ? undefined : commands[word]?.flags) ?? globalFlags;
  const rows = Object.entries<Flag>(flags).map(([name, { short, value, about, isRequired }]) => {
    const names = `${short === undefined ? "" : `-${short}, `}--${name}${value === undefined ? "" : ` ${value}`}`;
    return `  ${names.padEnd(32)}${about}${isRequired === true ? "; required" : ""}\n`;
  });
  const title = `Usage: host-ctr [--containerd-socket PATH] [--namespace NAME] ${word ?? "COMMAND"} [FLAGS]\n\n`;
  const words = Object.entries(commands).map(([name, { about }]) => `  ${name.padEnd(32)}${about}\n`);
  const help = `  ${"-h, --help".padEnd(32)}this text\n`;
  return `${title}${word === undefined ? `${words.join("")}\n` : ""}${rows.join("")}${help}`;
}
