/**
 * Makes host/containers/runtime/protocol.json: the part of containerd's protocol that host-ctr speaks, from the
 * protocol files of Debian's package of containerd's source. A test compares the two, and says how to make it again.
 */
import { join } from "node:path";
import protobuf from "protobufjs";

const API = "github.com/containerd/containerd";
const SERVICES = ["containers", "images", "tasks", "snapshots", "content", "leases", "diff"];
const FILES = [
  ...SERVICES.map((name) => `${API}/api/services/${name}/v1/${name}.proto`),
  `${API}/runtime/v2/runc/options/oci.proto`,
];

/** Where the document is in the repository. */
export const PROTOCOL_FILE = "host/containers/runtime/protocol.json";

/**
 * The document, as it is to be committed.
 *
 * @param sources  the directory of Go sources of the unpacked package: ROOT/usr/share/gocode/src
 */
export async function containerdProtocol(sources: string): Promise<string> {
  const root = new protobuf.Root();
  // The types that every protocol uses come with the library.
  root.resolvePath = (_origin, target) =>
    target.startsWith("google/protobuf/") ? target : join(sources, target);
  await root.load(FILES);
  root.resolveAll();
  return `${JSON.stringify(root.toJSON(), undefined, 1)}\n`;
}

if (import.meta.main) {
  await Bun.write(
    join(import.meta.dirname, "..", PROTOCOL_FILE),
    await containerdProtocol(Bun.argv[2] ?? "."),
  );
}
