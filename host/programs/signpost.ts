/** signpost: the flags that say which partition set starts (specification "updates" 2.2, 2.3). */
import { Failure, failureText } from "../linux/failure.ts";
import {
  changeHostSets,
  type HostPlace,
  type HostSets,
  nextSet,
  readHostSets,
  rewriteHostTable,
  type SetName,
  type TransitionName,
  transitions,
} from "../update/index.ts";

const USAGE = `Reads and changes the flags that say which partition set of this host starts.

Usage: signpost COMMAND

  status                  print the sets, their flags, the active set and the next one
  mark-successful-boot    the active set has come up well
  clear-inactive          the inactive set is empty: never start it
  mark-inactive-valid     the inactive set holds a whole image
  upgrade-to-inactive     try the inactive set at the next boot
  cancel-upgrade          stay with the active set
  rollback-to-inactive    go back to the inactive set at the next boot
  rewrite-table           write both copies of the partition table again
`;

/** @returns 0; 1 for every failure and for a wrong command line. Further arguments are ignored, as in the reference. */
export async function main(args: readonly string[], place: HostPlace = { root: "/" }): Promise<number> {
  const [command] = args;
  try {
    if (command === "status") process.stdout.write(statusText(await readHostSets(place)));
    else if (command === "rewrite-table") await rewriteHostTable(place);
    else if (isTransition(command)) await changeHostSets(place, command);
    else {
      const what =
        command === undefined ? "a command is missing" : `unknown command ${JSON.stringify(command)}`;
      process.stderr.write(`signpost: ${what}\n\n${USAGE}`);
      return 1;
    }
    return 0;
  } catch (error) {
    const hint = error instanceof Failure ? ` (${error.hint})` : "";
    process.stderr.write(`signpost: ${command}: ${failureText(error)}${hint}\n`);
    return 1;
  }
}

function isTransition(command: string | undefined): command is TransitionName {
  return command !== undefined && Object.hasOwn(transitions, command);
}

/** The five lines that programs read: labels padded to nine columns (specification "updates" 2.3). */
export function statusText({ disk, active, sets }: HostSets): string {
  const line = (name: SetName) => {
    const { boot, root, hash, flags } = sets[name];
    const state = `priority=${flags.priority} tries_left=${flags.triesLeft} successful=${flags.successful}`;
    return `boot=${boot} root=${root} hash=${hash} ${state}`;
  };
  const next = nextSet(sets.A.flags, sets.B.flags);
  return [
    `OS disk: ${disk}`,
    `Set A:   ${line("A")}`,
    `Set B:   ${line("B")}`,
    `Active:  Set ${active}`,
    `Next:    ${next === undefined ? "None" : `Set ${next}`}`,
    "",
  ].join("\n");
}
