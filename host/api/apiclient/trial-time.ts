/** How long a trial takes, as it is written on the command line: 90s, 2m, 1h30m. */

/** The time of a trial for which none is given: long enough to log in again and look. */
export const defaultTrialTime = "2m";

const form = /^(?:(\d{1,2})h)?(?:(\d{1,4})m)?(?:(\d{1,5})s)?$/;
const longestSeconds = 86_400; // what the API takes

/** @returns whole seconds, 1 to 86400, or one sentence about what is wrong */
export function trialSeconds(text: string): number | string {
  const [whole, hours = "0", minutes = "0", seconds = "0"] = form.exec(text) ?? [];
  const total = Number(hours) * 3600 + Number(minutes) * 60 + Number(seconds);
  if (whole !== undefined && total >= 1 && total <= longestSeconds) return total;
  return `--timeout is ${JSON.stringify(text)}; accepted: 1s to 24h, such as 90s, 2m or 1h30m`;
}
