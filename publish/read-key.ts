/** The key that signs, from its file. */
import { readFile } from "node:fs/promises";
import { errorCode } from "../host/linux/files.ts";
import { fail } from "./failures.ts";
import { type SigningKey, signingKeyFromPem } from "./keys.ts";
import { readText } from "./toml-file.ts";

/** @throws publish/no-key, publish/bad-key */
export async function readKey(file: string): Promise<SigningKey> {
  let pem: string;
  try {
    pem = await readFile(file, "utf8");
  } catch (cause) {
    if (errorCode(cause) === "ENOENT") throw fail("publish/no-key", { file }, { cause });
    pem = await readText("signing key", file);
  }
  return signingKeyFromPem(file, pem);
}
