/** The control container's programs in its own root (containers.md 13), with an apiclient and an SSM agent that record. */
import { afterAll, beforeAll, describe, expect, it } from "bun:test";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { Container } from "./support/container.ts";

let control: Container;

beforeAll(async () => {
  control = await Container.of("control");
});

afterAll(() => control.remove());

/** A program that writes what it is called with to /tmp/calls, and then does this. */
const program = (path: string, does: string) =>
  `cat >${path} <<'end'\n#!/bin/bash\necho "\${0##*/} $*" >>/tmp/calls\n${does}\nend\nchmod +x ${path}\n`;
const apiclient = (does: string) => program("/usr/local/bin/apiclient", does);
const answering = (admin: unknown, rest = "") =>
  apiclient(`case $1 in raw) echo '${JSON.stringify({ "host-containers": { admin } })}';; ${rest} esac`);

async function run(script: string): Promise<string> {
  return control.run(await control.storage(), script);
}

const ask = "apiclient raw -u /settings?keys=settings.host-containers.admin.enabled";
const howTo = [
  "It may take a minute to start. Then: enter-admin-container, or apiclient exec admin bash,",
  "or ssh ec2-user@HOST with a key from settings.host-containers.admin.user-data (on AWS: the instance's key pair)",
];

describe("enable-admin-container and disable-admin-container", () => {
  const table: [
    situation: string,
    enabled: boolean | undefined,
    verb: string,
    says: string,
    calls: string[],
  ][] = [
    ["disabled", false, "enable", "now enabled", ["apiclient set host-containers.admin.enabled=true"]],
    ["not set", undefined, "enable", "now enabled", ["apiclient set host-containers.admin.enabled=true"]],
    ["enabled already", true, "enable", "already enabled", []],
    ["enabled", true, "disable", "now disabled", ["apiclient set host-containers.admin.enabled=false"]],
    ["disabled already", false, "disable", "already disabled", []],
  ];
  for (const [situation, enabled, verb, says, calls] of table) {
    it(`${verb}: ${situation} → ${says}`, async () => {
      const output = await run(`${answering({ enabled })} ${verb}-admin-container; cat /tmp/calls`);
      const told = verb === "enable" ? howTo : [];
      expect(output.trimEnd().split("\n")).toEqual([
        `The admin container is ${says}`,
        ...told,
        ask,
        ...calls,
      ]);
    });
  }

  const failing: [situation: string, apiclient: string, says: string][] = [
    [
      "apiclient is not there",
      "",
      "Error: apiclient is not on the path: this is for a container that the host started",
    ],
    [
      "the host does not answer",
      apiclient("echo 'Failed to connect' >&2; exit 1"),
      "Error: The host does not tell settings.host-containers.admin.enabled: Failed to connect",
    ],
    [
      "the answer is no JSON",
      apiclient("echo Oops"),
      "Error: The host's answer for settings.host-containers.admin.enabled is no JSON: Oops",
    ],
    [
      "the host refuses the change",
      answering({ enabled: false }, "set) echo 'Status 400' >&2; exit 1;;"),
      "Error: The host did not set settings.host-containers.admin.enabled: Status 400",
    ],
  ];
  for (const [situation, fake, says] of failing) {
    it(`${situation}: an error on stderr, exit code 1, nothing on stdout`, async () => {
      const script = `${fake} enable-admin-container 2>/tmp/error; echo $?; cat /tmp/error`;
      expect(await run(script)).toBe(`1\n${says}\n`);
    });
  }
});

describe("enter-admin-container", () => {
  it("enables the container, waits until it answers, and ends as the shell in it", async () => {
    const exec = `set) ;; exec) [[ $3 = bash ]] && { echo shell; exit 7; }; (($(grep -c "exec admin true" /tmp/calls) > 2));;`;
    const script = `${answering({ enabled: false }, exec)} enter-admin-container 2>/tmp/error; echo $?; cat /tmp/error /tmp/calls`;
    expect((await run(script)).trimEnd().split("\n")).toEqual([
      "shell",
      "7",
      "Waiting for the admin container..",
      ask,
      "apiclient set host-containers.admin.enabled=true",
      ...["true", "true", "true", "bash"].map((what) => `apiclient exec admin ${what}`),
    ]);
  });

  it("leaves its input to the shell, however often it has to ask before", async () => {
    const reads = `raw) cat >/dev/null; echo '{}';; set) cat >/dev/null;;
      exec) cat >/tmp/input; [[ $3 != bash ]] || cat /tmp/input; (($(grep -c "exec admin true" /tmp/calls) > 2));;`;
    const script = `${apiclient(`case $1 in ${reads} esac`)} echo 'id -un' | enter-admin-container 2>/dev/null`;
    expect(await run(script)).toBe("id -un\n");
  });

  it("goes in at once when the container runs", async () => {
    const script = `${answering({ enabled: true }, "exec) [[ $3 != bash ]] || echo shell;;")} enter-admin-container 2>&1; tail -n 2 /tmp/calls`;
    expect(await run(script)).toBe("shell\napiclient exec admin true\napiclient exec admin bash\n");
  });

  it("gives up after its tries with the last reason and what the container said", async () => {
    const rest = "exec) echo 'no such container'; exit 1;; logs) echo 'pull failed: 404';;";
    const script = `${answering({ enabled: true }, rest)} ENTER_ADMIN_TRIES=2 enter-admin-container 2>&1; echo $?`;
    expect(await run(script)).toBe(
      "Waiting for the admin container.\npull failed: 404\nError: The admin container did not start within 2 s: no such container\n1\n",
    );
  });

  it("does not wait when enabling failed", async () => {
    const script = `${apiclient("echo down >&2; exit 1")} enter-admin-container 2>&1; echo $?`;
    expect(await run(script)).toBe(
      "Error: The host does not tell settings.host-containers.admin.enabled: down\n1\n",
    );
  });
});

describe("the start of the control container", () => {
  const agent = (does: string) => program("/usr/bin/amazon-ssm-agent", does);
  /** What was called and said, and the exit code or `alive`. */
  async function started(userData: unknown, ssm: string, before = ""): Promise<readonly string[]> {
    const storage = await control.storage(userData);
    const script = `${before} ${ssm} touch /tmp/calls
      timeout 2 /usr/bin/tini -s -- /usr/sbin/start-control 2>/tmp/said; code=$?
      if ((code == 124)); then echo alive; else echo $code; fi; cat /tmp/calls /tmp/said`;
    return (await control.run(storage, script)).replace(/\n$/, "").split("\n");
  }
  const activation = {
    "activation-id": "0000-aaaa",
    "activation-code": "secretcode",
    region: "eu-central-1",
  };
  const registers = "amazon-ssm-agent -register -code secretcode -id 0000-aaaa -region eu-central-1";
  const runs = "case $1 in -register) echo done >/var/lib/amazon/ssm/registration;; *) sleep 60;; esac";

  it("without an SSM agent in the image it stays, and says what to do", async () => {
    const [state, stays, ...rest] = await started(undefined, "");
    expect(state).toBe("alive");
    expect(stays).toBe(
      "control: This image has no SSM agent. The container stays, for: apiclient exec control enter-admin-container",
    );
    expect(rest).toEqual([
      "control: For SSM, build an image from this one with amazon-ssm-agent in /usr/bin, and set it as settings.host-containers.control.source",
    ]);
    expect(await started({ ssm: activation }, "")).toContain(
      "control: Its user data is not used: an activation needs the agent",
    );
  });

  it("with an agent and no user data it runs the agent, as EC2 needs it", async () => {
    expect(await started(undefined, agent(runs))).toEqual(["alive", "amazon-ssm-agent "]);
    expect(await started({ other: 1 }, agent(runs))).toEqual(["alive", "amazon-ssm-agent "]);
  });

  it("registers an activation once: the registration is in the storage", async () => {
    const storage = await control.storage({ ssm: activation });
    const script = `${agent(runs)} timeout 2 /usr/sbin/start-control; cat /tmp/calls; stat -c %a /var/lib/amazon/ssm/`;
    expect(await control.run(storage, script)).toBe(`${registers}\namazon-ssm-agent \n750\n`);
    expect(await readdir(join(storage, "ssm"))).toEqual(["registration"]);
    expect(await control.run(storage, script)).toBe("amazon-ssm-agent \n750\n");
  });

  const invalid: [what: string, userData: unknown, says: string][] = [
    [
      "no activation code",
      { ssm: { ...activation, "activation-code": "" } },
      "ssm.activation-code is missing",
    ],
    ["no activation id", { ssm: { ...activation, "activation-id": null } }, "ssm.activation-id is missing"],
    ["a region that is no text", { ssm: { ...activation, region: 1 } }, "ssm.region is missing"],
    ["ssm that is no object", { ssm: true }, "ssm.activation-code is missing"],
    ["no JSON", "{", "is not a JSON object: jq: parse error"],
  ];
  for (const [what, userData, says] of invalid) {
    it(`user data with ${what}: a message and exit code 1, and nothing is registered`, async () => {
      const [code, said, ...rest] = await started(userData, agent(runs));
      expect(code).toBe("1");
      expect(said).toStartWith("control: ");
      expect(said).toContain(says);
      expect(said).toContain("/.bottlerocket/host-containers/current/user-data");
      expect(rest).toEqual([]);
    });
  }

  it("an activation that is refused: the agent's own errors, and exit code 1, so that the host tries again", async () => {
    const log = "mkdir -p /var/log/amazon/ssm; echo 'activation expired' >/var/log/amazon/ssm/errors.log;";
    expect(await started({ ssm: activation }, agent("exit 3"), log)).toEqual([
      "1",
      registers,
      "activation expired",
      "control: The SSM agent could not register the activation 0000-aaaa in eu-central-1; the host tries again in 45 s",
    ]);
  });

  it("ends at once when it is told to, with what it started", async () => {
    const script = `unshare --pid --fork --mount-proc bash -c 'exec tini -s -- /usr/sbin/start-control' 2>/dev/null & sleep 1
      begin=$SECONDS; kill -TERM $(pgrep -x tini); wait %1; echo $? $((SECONDS - begin < 5))`;
    expect(await run(script)).toBe("143 1\n");
  });
});

describe("the control container's root", () => {
  it("has the SSM agent's user in the groups users and api, and the place for its state in the storage", async () => {
    const script = `id -Gn ssm-user; getent group api; readlink /var/lib/amazon/ssm; su ssm-user -c 'id -un'`;
    expect(await run(script)).toBe(
      "ssm-user users api\napi:x:274:ssm-user\n/.bottlerocket/host-containers/current/ssm\nssm-user\n",
    );
  });

  it("shows the message of the day and its prompt in every interactive shell, bash or sh", async () => {
    for (const shell of ["bash", "sh"]) {
      const output = await run(
        `export HOME=/root ENV=/etc/skel/.bashrc; ${shell} -ic 'echo "$PS1"' 2>/dev/null`,
      );
      expect(output).toContain("enter-admin-container      a shell in the admin container");
      expect(output).toEndWith("[\\u@control]\\$ \n");
    }
  });
});
