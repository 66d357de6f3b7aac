/** Everything that can go wrong with a virtual machine, with what to do next. */
import { failuresOf } from "../sdk/index.ts";

interface LabFailures {
  "lab/bad-name": { name: string };
  "lab/no-machine": { name: string; known: readonly string[] };
  "lab/not-running": { name: string; variant: string };
  "lab/already-running": { name: string };
  "lab/no-disk-file": { file: string };
  "lab/disk-as-it-is": { disk: string; options: readonly string[] };
  "lab/disk-is-not-to-be-changed": { file: string };
  "lab/did-not-start": { name: string; output: string };
  "lab/ended": { name: string; doing: string; console: string };
  "lab/no-shell": { name: string; seconds: number; console: string };
  "lab/no-way-in": { name: string; seconds: number; reason: string; console: string };
  "lab/connection-lost": { name: string; command: string };
  "lab/key-busy": { directory: string; seconds: number };
  "lab/user-data-wrong": { variant: string; problems: readonly string[] };
  "lab/ask-timeout": { name: string; command: string; seconds: number; console: string };
  "lab/ask-garbled": { name: string; command: string; received: string };
  "lab/ask-busy": { name: string; seconds: number };
  "lab/wait-timeout": { name: string; what: string; seconds: number; console: string };
  "lab/console-taken": { name: string };
  "lab/no-private-partition": { disk: string };
  "lab/private-full": { disk: string; sizeMiB: number; output: string };
  "lab/file-unreadable": { file: string; reason: string };
  "lab/registry-did-not-start": { directory: string; lastLines: string };
  "lab/registry-busy": { directory: string; seconds: number };
  "lab/no-repository": { directory: string; variant: string; file: string };
  "lab/updates-not-served": { directory: string; port: number; said: string };
}

const seeConsole = (f: { name: string }) =>
  `The whole console is in build/vm/${f.name}/console.log; bin/pinwheel vm console ${f.name} attaches to it`;

export const fail = failuresOf<LabFailures>({
  "lab/bad-name": {
    says: (f) => `"${f.name}" cannot name a virtual machine`,
    hint: "Use 1 to 40 letters, digits, - and ., starting with a letter or digit",
  },
  "lab/no-machine": {
    says: (f) =>
      `There is no virtual machine ${f.name}; ${f.known.length === 0 ? "there is none at all" : `there are: ${f.known.join(", ")}`}`,
    hint: (f) => `Start one: bin/pinwheel vm start metal-base --name ${f.name}`,
  },
  "lab/not-running": {
    says: (f) => `The virtual machine ${f.name} is not running`,
    hint: (f) => `Start it again: bin/pinwheel vm start ${f.variant} --name ${f.name}; its disk is kept`,
  },
  "lab/already-running": {
    says: (f) => `The virtual machine ${f.name} is running already`,
    hint: (f) =>
      `Attach to it: bin/pinwheel vm console ${f.name}; or choose another name for a second one: --name`,
  },
  "lab/no-disk-file": {
    says: (f) => `There is no disk image ${f.file}`,
    hint: "Build it: bin/pinwheel build VARIANT",
  },
  "lab/disk-as-it-is": {
    says: (f) => `${f.disk} is used as it is, so ${f.options.join(", ")} cannot be obeyed`,
    hint: "Leave --disk out: the machine then gets a new disk from the image, with user data and network as given",
  },
  "lab/disk-is-not-to-be-changed": {
    says: (f) => `${f.file} is not to be changed, and a virtual machine writes into its disk`,
    hint: "Leave --disk out: the machine then gets a copy. Or copy it yourself: cp --sparse=always, then chmod u+w",
  },
  "lab/did-not-start": {
    says: (f) => `QEMU did not start the virtual machine ${f.name}:\n${f.output}`,
    hint: "The message above is QEMU's own; its command line is in lab/qemu.ts",
  },
  "lab/ended": {
    says: (f) =>
      `The virtual machine ${f.name} went away while ${f.doing}. Its console ended with:\n${f.console}`,
    hint: seeConsole,
  },
  "lab/no-shell": {
    says: (f) =>
      `No shell answered on the second console of ${f.name} within ${f.seconds} s. Its console ended with:\n${f.console}`,
    hint: seeConsole,
  },
  "lab/no-way-in": {
    says: (f) =>
      `${f.name} has no shell on its console, and nobody got in through its admin container within ${f.seconds} s: ${f.reason}\nIts console ended with:\n${f.console}`,
    hint: (f) =>
      `It may still be pulling that container: ask again. If settings.host-containers.admin of its user data is yours, it must be enabled and superpowered, and its user-data must have the key of build/ssh; else start anew with --fresh. The whole console is in build/vm/${f.name}/console.log`,
  },
  "lab/connection-lost": {
    says: (f) => `The connection to ${f.name} ended while it ran: ${f.command}`,
    hint: "The host or its admin container was stopped or restarted meanwhile; ask again when it is back",
  },
  "lab/key-busy": {
    says: (f) => `Another command has been making the SSH key in ${f.directory} for ${f.seconds} s`,
    hint: "Wait for it or end it",
  },
  "lab/user-data-wrong": {
    says: (f) => `A host with ${f.variant} would use nothing of this user data:\n${f.problems.join("\n")}`,
    hint: (f) =>
      `Correct it: the way into such a host is in its user data too. bin/pinwheel settings validate FILE --variant ${f.variant} checks it`,
  },
  "lab/ask-timeout": {
    says: (f) =>
      `${f.name} did not finish within ${f.seconds} s: ${f.command}\nIts console ended with:\n${f.console}`,
    hint: "Give it longer with --timeout SECONDS, if it is a command that takes long",
  },
  "lab/ask-garbled": {
    says: (f) => `${f.name} answered something unreadable to: ${f.command}\n${f.received}`,
    hint: "Something else wrote on the second console (hvc0); try again, or look at the host with vm console",
  },
  "lab/ask-busy": {
    says: (f) => `Another question to ${f.name} has been running for ${f.seconds} s`,
    hint: "Wait for it or end it; questions are answered one after another",
  },
  "lab/wait-timeout": {
    says: (f) =>
      `${f.name} was not ready within ${f.seconds} s: ${f.what}. Its console ended with:\n${f.console}`,
    hint: seeConsole,
  },
  "lab/console-taken": {
    says: (f) => `Somebody else is attached to the console of ${f.name}`,
    hint: (f) => `Leave it there with Ctrl-], or only read along: tail -f build/vm/${f.name}/console.log`,
  },
  "lab/no-private-partition": {
    says: (f) => `${f.disk} has no partition BOTTLEROCKET-PRIVATE`,
    hint: "Give a disk image made by bin/pinwheel build",
  },
  "lab/private-full": {
    says: (f) =>
      `The files for the first boot do not fit into the private partition (${f.sizeMiB} MiB) of ${f.disk}:\n${f.output}`,
    hint: "Make the user data smaller",
  },
  "lab/file-unreadable": {
    says: (f) => `Cannot read ${f.file}: ${f.reason}`,
    hint: "Check the name given on the command line",
  },
  "lab/registry-did-not-start": {
    says: (f) => `The lab's registry did not start:\n${f.lastLines}`,
    hint: (f) =>
      `If its port is taken by another program, end that one, or remove ${f.directory}/registry.json for another port (settings of machines name the old one)`,
  },
  "lab/registry-busy": {
    says: (f) =>
      `Another command has been starting or stopping the registry in ${f.directory} for ${f.seconds} s`,
    hint: "Wait for it or end it",
  },
  "lab/no-repository": {
    says: (f) => `${f.directory} has no update repository for ${f.variant}: there is no ${f.file}`,
    hint: (f) => `Make one: bin/pinwheel repo build ${f.variant} --repo development prints its directory`,
  },
  "lab/updates-not-served": {
    says: (f) => `${f.directory} is not served on port ${f.port}: ${f.said}`,
    hint: "If something else listens on that port, end it; or start the machine with --fresh: it gets another port",
  },
});
