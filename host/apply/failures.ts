/** What can go wrong while settings are rendered into files and services are restarted. */

import { failuresOf } from "../linux/failure.ts";

interface FailureFacts {
  "apply/bad-input": { found: string };
  "apply/api": { request: string; answer: string };
  "apply/template-unreadable": { file: string; template: string };
  "apply/template-invalid": { template: string; reason: string };
  "apply/format-unknown": { file: string };
  /** `missing`: the first name on the way to the setting that is not set, if that is the reason. */
  "apply/not-rendered": { template: string; reason: string; missing: string | undefined };
  "apply/not-written": { path: string };
  "apply/not-compared": { path: string };
  "apply/reload": { reason: string };
  "apply/restart": { service: string; command: string; reason: string };
  "apply/busy": { lock: string; seconds: number };
}

export const failure = failuresOf<FailureFacts>({
  "apply/bad-input": {
    says: (f) => `The changed keys on standard input are not a JSON array of strings: ${f.found}`,
    hint: 'Give the full names of the changed settings, for example ["settings.motd"], or use --all',
  },
  "apply/api": {
    says: (f) => `The API did not answer ${f.request} as it should: ${f.answer}`,
    hint: "See the journal of apiserver.service; then run `apiclient raw -m POST -u /tx/apply` to apply everything",
  },
  "apply/template-unreadable": {
    says: (f) => `The template ${f.template} of the configuration file ${f.file} cannot be read`,
    hint: "Templates are part of the image: boot the other set, and report this version",
  },
  "apply/template-invalid": {
    says: (f) => `The template ${f.template} is not valid: ${f.reason}`,
    hint: "Templates are part of the image: boot the other set, and report this version",
  },
  "apply/format-unknown": {
    says: (f) => `The API names a configuration file ${f.file} that this system's variant does not have`,
    hint: "Restart apiserver.service: it runs with another version's definitions",
  },
  "apply/not-rendered": {
    says: (f) => `The template ${f.template} cannot be rendered: ${f.reason}`,
    hint: "Set or correct the setting that is named, then apply it",
  },
  "apply/not-written": {
    says: (f) => `${f.path} cannot be written; its old content stays`,
    hint: "See the cause; then run `apiclient raw -m POST -u /tx/apply` to write all files again",
  },
  "apply/not-compared": {
    says: (f) => `${f.path} cannot be read, so what would change in it is not known`,
    hint: "See the cause; what stands in the way there would also keep the file from being written",
  },
  "apply/reload": {
    says: (f) => `systemctl daemon-reload failed: ${f.reason}`,
    hint: "See the journal of systemd; services were restarted with their old unit files",
  },
  "apply/restart": {
    says: (f) => `The restart command of service ${f.service} failed: ${f.command}: ${f.reason}`,
    hint: "See the journal of the service; the command is tried again with the next change that affects it",
  },
  "apply/busy": {
    says: (f) => `Another run still holds ${f.lock} after ${f.seconds} s`,
    hint: "Look for a restart command that hangs; then run `apiclient raw -m POST -u /tx/apply`",
  },
});
