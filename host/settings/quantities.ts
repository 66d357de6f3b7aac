/** Amounts of memory and of processor time, written as Kubernetes writes them, and durations: as numbers. */

/** Whole numbers of bytes; a fraction such as "1.5Gi" is another way to write "1536Mi". */
export const memoryPattern = "^([1-9][0-9]{0,15})([kMGT]|[KMGT]i)?$";

const thousands = ["", "k", "M", "G", "T"];
const binary = ["", "Ki", "Mi", "Gi", "Ti"];

/** @returns bytes; `undefined` for anything but an amount of memory */
export function memoryBytes(text: string): number | undefined {
  const [, digits, suffix = ""] = new RegExp(memoryPattern, "u").exec(text) ?? [];
  if (digits === undefined) return undefined;
  const power = thousands.indexOf(suffix);
  return Number(digits) * (power >= 0 ? 1000 ** power : 1024 ** binary.indexOf(suffix));
}

/** Thousandths of a processor, or processors with at most three decimals. */
export const cpuPattern = "^(?:([1-9][0-9]{0,6})m|((?:0|[1-9][0-9]{0,3})(?:\\.[0-9]{1,3})?))$";

/** @returns thousandths of a processor; `undefined` for anything but an amount of them */
export function milliCpus(text: string): number | undefined {
  const [, thousandths, processors] = new RegExp(cpuPattern, "u").exec(text) ?? [];
  if (thousandths !== undefined) return Number(thousandths);
  // Rounded, as 1.001 * 1000 is a little less than 1001.
  return processors === undefined ? undefined : Math.round(Number(processors) * 1000);
}

/** Hours, minutes and seconds in this order, each a whole number and at most once. */
export const durationPattern = "^(?=[0-9])(?:([0-9]{1,6})h)?(?:([0-9]{1,6})m)?(?:([0-9]{1,6})s)?$";

/** @returns `undefined` for anything but such a duration */
export function durationSeconds(text: string): number | undefined {
  const match = new RegExp(durationPattern, "u").exec(text);
  if (match === null) return undefined;
  const [, hours = 0, minutes = 0, seconds = 0] = match;
  return Number(hours) * 3600 + Number(minutes) * 60 + Number(seconds);
}
