/** Types for what a container may use at most. */
import { integer } from "./basic-types.ts";
import { cpuPattern, memoryBytes, memoryPattern, milliCpus } from "./quantities.ts";
import { text } from "./text-rule.ts";

// The runtime starts inside the limits, and so does whatever is run in the container later: on two processors with 6 MiB
// and 4 threads at least. The least that can be set leaves room for machines where it needs more.

/** At most so much memory. */
export const memoryLimit = text({
  accepted:
    'that is an amount of memory between "16Mi" and "64Ti": a whole number with one of k M G T Ki Mi Gi Ti, or none',
  shapes: [{ pattern: memoryPattern, otherwise: "it is not an amount of memory" }],
  problem: (value) => outside(memoryBytes(value), memoryBytes("16Mi"), memoryBytes("64Ti")),
});

/** At most so much processor time: 1 is all that one processor has. */
export const cpuLimit = text({
  accepted: 'that is a number of processors between "10m" and "1024", such as "500m" or "1.5"',
  shapes: [{ pattern: cpuPattern, otherwise: "it is not a number of processors" }],
  problem: (value) => outside(milliCpus(value), milliCpus("10m"), milliCpus("1024")),
});

/** At most so many processes and threads; Linux itself has no more than 2^22. */
export const pidsLimit = integer({ min: 16, max: 4_194_304 });

function outside(value = 0, least = 0, most = 0): string | undefined {
  if (value < least) return "it is too little";
  return value > most ? "it is too much" : undefined;
}
