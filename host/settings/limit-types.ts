/** Types for what a container may use at most. */
import { integer } from "./basic-types.ts";
import { cpuPattern, memoryBytes, memoryPattern, milliCpus } from "./quantities.ts";
import { text } from "./text-rule.ts";

// Below the least value of each the runtime, which starts inside the limits, does not get as far as the container.

/** At most so much memory. */
export const memoryLimit = text({
  accepted:
    'that is an amount of memory from "16Mi" to "64Ti": a whole number with one of k M G T Ki Mi Gi Ti, or none',
  shapes: [{ pattern: memoryPattern, otherwise: "it is not an amount of memory" }],
  problem: (value) => outside(memoryBytes(value), memoryBytes("16Mi"), memoryBytes("64Ti")),
});

/** At most so much processor time: 1 is all that one processor has. */
export const cpuLimit = text({
  accepted: 'that is a number of processors from "10m" to "1024": such as "500m" or "1.5"',
  shapes: [{ pattern: cpuPattern, otherwise: "it is not a number of processors" }],
  problem: (value) => outside(milliCpus(value), milliCpus("10m"), milliCpus("1024")),
});

/** At most so many processes and threads; Linux itself has no more than 2^22. */
export const pidsLimit = integer({ min: 32, max: 4_194_304 });

function outside(value = 0, least = 0, most = 0): string | undefined {
  if (value < least) return "it is too little";
  return value > most ? "it is too much" : undefined;
}
