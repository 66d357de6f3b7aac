/** Names that nobody else has. */

const letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

/** 16 characters of `A-Za-z0-9`: for the names of transactions and of stores (specification "api" 3.4 and 8.1). */
export function randomName(): string {
  // The global and not node:crypto, which costs the start of a program 3 MB. 256 is no multiple of 62: the first
  // letters are a little likelier, which matters to nobody here.
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return [...bytes].map((byte) => letters[byte % letters.length]).join("");
}
