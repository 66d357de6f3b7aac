/** GUIDs: 16 bytes on disk, 36 characters for people. The first three groups are little-endian numbers. */

const DISK_ORDER = [3, 2, 1, 0, 5, 4, 7, 6, 8, 9, 10, 11, 12, 13, 14, 15] as const;
const GUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/**
 * The text of a GUID, in lower case.
 *
 * @param bytes  at least 16 bytes in the order of the disk
 */
export function guidText(bytes: Uint8Array): string {
  const hex = DISK_ORDER.map((at) => (bytes[at] ?? 0).toString(16).padStart(2, "0")).join("");
  return [0, 8, 12, 16, 20].map((at, i, starts) => hex.slice(at, starts[i + 1])).join("-");
}

/**
 * The 16 bytes of a GUID in the order of the disk.
 *
 * @throws RangeError for a text that is no GUID
 */
export function guidBytes(text: string): Uint8Array {
  if (!GUID.test(text)) throw new RangeError(`Not a GUID: ${JSON.stringify(text)}`);
  const hex = text.replaceAll("-", "");
  const bytes = new Uint8Array(16);
  DISK_ORDER.forEach((at, i) => {
    bytes[at] = Number.parseInt(hex.slice(2 * i, 2 * i + 2), 16);
  });
  return bytes;
}
