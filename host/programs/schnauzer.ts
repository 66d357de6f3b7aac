/** schnauzer: generator of settings that are made from a template (specification "rendered-config" 4.2). */
import { callApi } from "../api/index.ts";
import { failureText } from "../linux/failure.ts";
import { templatedSetting } from "../platform/templated-setting.ts";

const USAGE = `Prints the value of a setting made from its template, as a JSON string.

Usage: schnauzer KEY

  KEY    full dotted key, such as settings.updates.metadata-base-url
`;

const SOCKET_PATH = "/run/api.sock";

/** @returns 0, 1 for every failure, 2 without a key and for --help, which a caller reads as "no value" */
export async function main(args: readonly string[]): Promise<number> {
  const [key] = args;
  if (key === undefined || key === "-h" || key === "--help") {
    process.stderr.write(USAGE);
    return 2;
  }
  try {
    const value = await templatedSetting((...request) => callApi(SOCKET_PATH, ...request), key);
    process.stdout.write(`${JSON.stringify(value)}\n`);
    return 0;
  } catch (error) {
    process.stderr.write(`schnauzer: ${failureText(error)}\n`);
    return 1;
  }
}
