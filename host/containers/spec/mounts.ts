/**
 * The mounts of a container.
 *
 * @source  specification "containers" 9.3
 */
import table from "./mounts.toml";
import type { ContainerName, Profile } from "./profile.ts";

/** As the OCI runtime specification has it. */
export interface Mount {
  readonly destination: string;
  readonly type: string;
  readonly source: string;
  readonly options: readonly string[];
}

/** A row of mounts.toml. */
interface Row {
  readonly destination: string;
  readonly type?: string;
  readonly source: string;
  readonly options: readonly string[];
  readonly superpowered?: readonly string[];
  readonly only?: readonly string[];
  readonly "if-exists"?: boolean;
}

const rows: { readonly kernel: readonly Row[]; readonly host: readonly Row[] } = table;

/** The sources that a host may not have. */
export const optionalSources: readonly string[] = [...rows.kernel, ...rows.host]
  .filter((row) => row["if-exists"] === true)
  .map(({ source }) => source);

/**
 * All mounts of a container, in order.
 *
 * @param existing  those of `optionalSources` that the host has
 */
export function mountsOf(
  profile: Profile,
  { kind, name }: ContainerName,
  existing: ReadonlySet<string>,
): readonly Mount[] {
  const fill = (path: string) => path.replace("KIND", `${kind}-containers`).replace("NAME", name);
  const mount = (row: Row, options: readonly string[]): Mount => ({
    destination: fill(row.destination),
    type: row.type ?? "bind",
    source: fill(row.source),
    options,
  });
  const optionsOf = ({ options, superpowered }: Row) =>
    profile === "superpowered" ? (superpowered ?? options) : options;
  const host = rows.host
    .filter(({ only }) => only === undefined || only.includes(profile))
    .filter((row) => row["if-exists"] !== true || existing.has(row.source))
    .map((row) => mount(row, withPropagation(optionsOf(row))));
  const all = [...rows.kernel.map((row) => mount(row, optionsOf(row))), ...host];
  // A container that is itself named `current` has that mount already.
  return all.filter(
    ({ destination, source }, index) =>
      !all.slice(0, index).some((other) => other.destination === destination && other.source === source),
  );
}

const propagations = ["shared", "rshared", "private", "rprivate", "slave", "rslave"];

function withPropagation(options: readonly string[]): readonly string[] {
  return options.some((option) => propagations.includes(option)) ? options : [...options, "rprivate"];
}
