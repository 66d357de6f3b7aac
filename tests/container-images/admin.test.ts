/** The admin container's programs in its own root (containers.md 12): real sshd, real ssh, real keys. */
import { afterAll, beforeAll, describe, expect, it } from "bun:test";
import { chmod, readFile, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { Container } from "./support/container.ts";

let admin: Container;
let key: { readonly path: string; readonly text: string };

beforeAll(async () => {
  admin = await Container.of("admin");
  const storage = await admin.storage();
  await admin.run(storage, `ssh-keygen -q -t ed25519 -N "" -C kim@desk -f ${current}/id`);
  key = { path: join(storage, "id"), text: (await readFile(join(storage, "id.pub"), "utf8")).trim() };
});

afterAll(() => admin.remove());

const current = "/.bottlerocket/host-containers/current";
const said = "/tmp/said";
/** Starts the container's entry point and waits until it has said whether sshd is started. */
const start = `
/usr/bin/tini -s -- /usr/sbin/start-admin 2>${said} &
for ((i = 0; i < 600; i++)); do grep -qE "sshd is (not )?started" ${said} && break; sleep 0.1; done
`;

/** What the start itself said; sshd says more. */
async function startedWith(userData: unknown): Promise<readonly string[]> {
  const output = await admin.run(await admin.storage(userData), `${start} cat ${said}; kill %1`);
  return output.split("\n").filter((line) => line.startsWith("admin: "));
}

async function withKey(storage: string): Promise<string> {
  await Bun.write(join(storage, "id"), await readFile(key.path));
  await chmod(join(storage, "id"), 0o600);
  return storage;
}

const ssh = (user: string) =>
  `ssh -i ${current}/id -o StrictHostKeyChecking=no -o UserKnownHostsFile=/tmp/known -o LogLevel=ERROR -o ConnectionAttempts=20 ${user}@127.0.0.1`;

describe("the admin container with an SSH key in its user data", () => {
  it("lets its owner in as ec2-user, with sudo, in the group of the API's socket", async () => {
    const storage = await withKey(await admin.storage({ ssh: { "authorized-keys": [key.text] } }));
    const output = await admin.run(storage, `${start} ${ssh("ec2-user")} 'id -un; id -Gn; sudo id -un'`);
    expect(output).toBe("ec2-user\nec2-user users api\nroot\n");
  });

  it("takes another user and the names with underscores, and lets nobody else in", async () => {
    const storage = await withKey(await admin.storage({ user: "kim", ssh: { authorized_keys: [key.text] } }));
    const script = `${start} ${ssh("kim")} id -un; for other in root ec2-user; do ${ssh("$other")} id 2>&1 | tail -n 1 | tr -d '\\r'; done`;
    expect(await admin.run(storage, script)).toBe(
      "kim\nroot@127.0.0.1: Permission denied (publickey).\nec2-user@127.0.0.1: Permission denied (publickey).\n",
    );
  });

  it("takes the names with hyphens where both are there", async () => {
    const ssh = { "authorized-keys": [key.text], authorized_keys: ["not one"] };
    expect(await startedWith({ ssh })).toEqual(["admin: sshd is started for ec2-user: authorized keys"]);
  });

  it("shows the message of the day and its own prompt to who logs in", async () => {
    const storage = await withKey(await admin.storage({ ssh: { "authorized-keys": [key.text] } }));
    const output = await admin.run(
      storage,
      `${start} echo 'echo "$PS1"; exit' | ${ssh("ec2-user")} -tt 2>&1`,
    );
    expect(output).toContain("sudo sheltie             a root shell in the host itself");
    expect(output).toContain("[ec2-user@admin]$ ");
  });

  it("gives files the owners and modes that sshd and sudo demand", async () => {
    const storage = await admin.storage({
      ssh: { "authorized-keys": [key.text], "trusted-user-ca-keys": [key.text] },
    });
    const script = `${start} stat -c "%U:%G %a %n" /home/ec2-user/.ssh{,/authorized_keys} /etc/ssh/trusted_user_ca_keys.pub \
      /etc/sudoers.d/admin-container /etc/profile.d/bottlerocket-proxy-settings.sh; cat ~ec2-user/.ssh/authorized_keys`;
    expect((await admin.run(storage, script)).trimEnd().split("\n")).toEqual([
      "ec2-user:ec2-user 700 /home/ec2-user/.ssh",
      "ec2-user:ec2-user 600 /home/ec2-user/.ssh/authorized_keys",
      "root:root 600 /etc/ssh/trusted_user_ca_keys.pub",
      "root:root 440 /etc/sudoers.d/admin-container",
      "root:root 644 /etc/profile.d/bottlerocket-proxy-settings.sh",
      key.text,
    ]);
  });

  it("lets in who has a certificate of a trusted CA, with no key listed", async () => {
    const storage = await withKey(await admin.storage());
    await admin.run(
      storage,
      `cd ${current} && ssh-keygen -q -t ed25519 -N "" -f ca && ssh-keygen -y -f id >id.pub && ssh-keygen -q -s ca -I kim -n ec2-user id.pub`,
    );
    const authority = (await readFile(join(storage, "ca.pub"), "utf8")).trim();
    await Bun.write(
      join(storage, "user-data"),
      JSON.stringify({ ssh: { "trusted-user-ca-keys": [authority] } }),
    );
    expect(await admin.run(storage, `${start} ${ssh("ec2-user")} id -un`)).toBe("ec2-user\n");
  });

  it("gives login shells the proxy of the container, and nothing where there is none", async () => {
    const storage = await withKey(await admin.storage({ ssh: { "authorized-keys": [key.text] } }));
    const proxy = { HTTPS_PROXY: "http://p.example:3128/?a=b c", NO_PROXY: "x.example" };
    const ask = `${start} echo 'echo "<$HTTPS_PROXY|$NO_PROXY|$HTTP_PROXY>"' | ${ssh("ec2-user")} bash -l`;
    expect(await admin.run(storage, ask, proxy)).toBe("<http://p.example:3128/?a=b c|x.example|>\n");
    expect(await admin.run(storage, ask)).toBe("<||>\n");
  });
});

describe("sshd of the admin container", () => {
  it("is set up as 12.3 says, with the algorithms of the user data", async () => {
    const storage = await admin.storage({
      ssh: {
        "authorized-keys": [key.text],
        ciphers: ["aes256-gcm@openssh.com", "aes128-ctr"],
        "key-exchange-algorithms": ["-ecdh-*", "diffie-hellman-group14-*"],
        macs: ["hmac-sha2-512"],
        "authorized-keys-command": "/bin/true %u %f",
        "authorized-keys-command-user": "nobody",
      },
    });
    const output = await admin.run(storage, `${start} /usr/sbin/sshd -T`);
    const lines = output.split("\n");
    for (const line of [
      "port 22",
      "ciphers aes256-gcm@openssh.com,aes128-ctr",
      "macs hmac-sha2-512",
      "authorizedkeyscommand /bin/true %u %f",
      "authorizedkeyscommanduser nobody",
      "passwordauthentication no",
      "kbdinteractiveauthentication no",
      "permitrootlogin no",
      "usepam yes",
      "usedns no",
      "trustedusercakeys /etc/ssh/trusted_user_ca_keys.pub",
      "subsystem sftp /usr/lib/openssh/sftp-server",
      ...["rsa", "ecdsa", "ed25519"].map((kind) => `hostkey ${current}/etc/ssh/ssh_host_${kind}_key`),
    ]) {
      expect(lines).toContain(line);
    }
    expect(output).toMatch(/^acceptenv LANG$/m);
    const exchange = lines.find((line) => line.startsWith("kexalgorithms ")) ?? "";
    expect(exchange).toContain("curve25519-sha256");
    expect(exchange).not.toMatch(/ecdh-sha2|group14/);
  });

  it("keeps its host keys over two starts, and makes only those anew that are not whole", async () => {
    const storage = await admin.storage({ ssh: { "authorized-keys": [key.text] } });
    const show = `${start} cd ${current}/etc/ssh && stat -c "%a %n" * && sha256sum * && readlink /etc/ssh/ssh_host_rsa_key.pub`;
    const first = await admin.run(storage, show);
    expect(first).toMatch(
      /^600 ssh_host_ecdsa_key\n644 ssh_host_ecdsa_key.pub\n600 ssh_host_ed25519_key\n644 .*\n600 ssh_host_rsa_key\n644 /,
    );
    expect(first).toEndWith(`\n${current}/etc/ssh/ssh_host_rsa_key.pub\n`);
    expect(await admin.run(storage, show)).toBe(first);
    await rm(join(storage, "etc/ssh/ssh_host_ecdsa_key.pub"));
    await Bun.write(join(storage, "etc/ssh/ssh_host_rsa_key"), "");
    const changed = (await admin.run(storage, show)).split("\n").filter((line) => !first.includes(line));
    expect(changed.map((line) => line.replace(/^[0-9a-f]{64} {2}/, "")).sort()).toEqual([
      "ssh_host_ecdsa_key",
      "ssh_host_ecdsa_key.pub",
      "ssh_host_rsa_key",
      "ssh_host_rsa_key.pub",
    ]);
    expect((await stat(join(storage, "etc/ssh/ssh_host_rsa_key"))).size).toBeGreaterThan(1000);
  });
});

describe("user data that is not as it should be", () => {
  const nobody = "admin: The user data has no usable key: sshd runs, and nobody can log in";
  const noWay = (user: string) => `admin: sshd is started for ${user}: no way to log in`;
  const left = ["admin: sshd is not started; the container stays, for: apiclient exec admin bash"];

  it("none at all: no sshd, and the container stays for apiclient exec", async () => {
    const none = "admin: There is no user data: set settings.host-containers.admin.user-data";
    expect(await startedWith(undefined)).toEqual([none, ...left]);
    expect(await startedWith("")).toEqual([none, ...left]);
    expect(await admin.run(await admin.storage(), `${start} sleep 1; kill -0 %1 && echo alive`)).toBe(
      "alive\n",
    );
  });

  it("no JSON: told with the place of the mistake, and the user is ec2-user", async () => {
    const [first, ...rest] = await startedWith('{"ssh": ');
    expect(first).toMatch(
      /^admin: The user data is not a JSON object, and counts as empty: jq: parse error: .*line 1/,
    );
    expect(rest).toEqual([nobody, noWay("ec2-user")]);
    expect((await startedWith("[1]"))[0]).toContain("it is no object");
  });

  const badUser =
    'admin: "user" cannot be a login name, ec2-user is used instead: up to 32 of a-z, 0-9, _ and -, no digit or - first';
  const users: [user: unknown, isTaken: boolean][] = [
    ["a".repeat(32), true],
    ["a".repeat(33), false],
    ["_x-9", true],
    ["9x", false],
    ["Kim", false],
    ["kim\nroot", false],
    ["", false],
    [7, false],
  ];
  for (const [user, isTaken] of users) {
    it(`user ${JSON.stringify(user)} is ${isTaken ? "taken" : "told and replaced by ec2-user"}`, async () => {
      const expected = isTaken ? [nobody, noWay(String(user))] : [badUser, nobody, noWay("ec2-user")];
      expect(await startedWith({ user })).toEqual(expected);
    });
  }

  it("user api, the name of a group that is there: told and replaced by ec2-user", async () => {
    const cannot = "admin: The user api cannot be made, ec2-user is used instead";
    expect(await startedWith({ user: "api" })).toEqual([cannot, nobody, noWay("ec2-user")]);
  });

  it("keys that are none: told by their place alone, and a list without a key is no way in", async () => {
    const secret = "-----BEGIN OPENSSH PRIVATE KEY-----";
    expect(await startedWith({ ssh: { "authorized-keys": ["ssh-ed25519 AAAA", secret] } })).toEqual([
      "admin: ssh.authorized-keys: key 1 is no public key, and is left out",
      "admin: ssh.authorized-keys: key 2 is no public key, and is left out",
      nobody,
      noWay("ec2-user"),
    ]);
    expect(await startedWith({ ssh: { "authorized-keys": [secret, key.text] } })).toEqual([
      "admin: ssh.authorized-keys: key 1 is no public key, and is left out",
      "admin: sshd is started for ec2-user: authorized keys",
    ]);
  });

  it("values of another type: told by their key", async () => {
    expect(await startedWith({ ssh: { "authorized-keys": key.text, ciphers: [1] } })).toEqual([
      "admin: ssh.ciphers is not a list of text, and is left out",
      "admin: ssh.authorized-keys is not a list of text, and is left out",
      nobody,
      noWay("ec2-user"),
    ]);
  });

  it("algorithms that sshd does not know: told in sshd's words, and the container stays", async () => {
    const lines = await startedWith({ ssh: { "authorized-keys": [key.text], ciphers: ["rot13"] } });
    expect(lines[0]).toStartWith("admin: sshd refuses what the user data asks for: ");
    expect(lines.join("\n")).toContain("Bad SSH2 cipher spec 'rot13'");
    expect(lines.slice(-1)).toEqual(left);
  });

  it("a command for keys that this image does not have (EC2 Instance Connect): told", async () => {
    const command = "/opt/aws/bin/eic_run_authorized_keys %u %f";
    const ssh = {
      "authorized-keys-command": command,
      "authorized-keys-command-user": "ec2-instance-connect",
    };
    expect(await startedWith({ ssh })).toEqual([
      "admin: ssh.authorized-keys-command: this image has no /opt/aws/bin/eic_run_authorized_keys",
      nobody,
      noWay("ec2-user"),
    ]);
  });

  it("a password hash is the user's password; without one the account has none", async () => {
    const hash = "$6$abc$0123456789abcdefghijklmnopqrstuv";
    const shadow = `${start} getent shadow ec2-user | cut -d: -f2`;
    expect(await admin.run(await admin.storage({ "password-hash": hash }), shadow)).toBe(`${hash}\n`);
    expect(await admin.run(await admin.storage({ user: "ec2-user" }), shadow)).toBe("!\n");
    expect((await startedWith({ "password-hash": "a:b" })).join("\n")).toContain(
      'admin: "password-hash" is left out; openssl passwd -6 makes one',
    );
  });
});

describe("the serial consoles of the host", () => {
  // The container's /dev and the kernel's command line are replaced; agetty writes down how it was called.
  const consoles = `
    mkdir -p /.bottlerocket/rootfs/dev /tmp/dev && mount -t tmpfs tmpfs /tmp/dev
    cp -a /dev/{null,zero,random,urandom,tty} /tmp/dev/ && mount --move /tmp/dev /dev
    cp -a /dev/null /.bottlerocket/rootfs/dev/ttyS7 && cp -a /dev/null /.bottlerocket/rootfs/dev/tty9
    echo "ro console=tty9 console=ttyS7,115200n8 console=ttyS8 quiet" >/tmp/cmdline && mount --bind /tmp/cmdline /proc/cmdline
    printf '#!/bin/bash\\necho "$*" >>/tmp/calls; [[ $* != *tty9* ]] || exit; sleep 60\\n' >/usr/sbin/agetty`;
  const hash = "$6$abc$0123456789abcdefghijklmnopqrstuv";
  const shown = "sleep 1.5; sort -u /tmp/calls; stat -c %F /dev/ttyS7; grep -c tty9 /tmp/calls";

  it("get a login prompt each, again when it ends, when there is a password to log in with", async () => {
    const storage = await admin.storage({ "password-hash": hash });
    const output = await admin.run(storage, `${consoles}\n${start} ${shown}`);
    const lines = output.trimEnd().split("\n");
    expect(lines.slice(0, 3)).toEqual([
      "--keep-baud 115200,57600,38400,9600 ttyS7 vt220",
      "tty9 linux",
      "character special file",
    ]);
    expect(Number(lines[3])).toBeGreaterThan(1);
  });

  it("are left alone without a password", async () => {
    expect(await admin.run(await admin.storage({}), `${consoles}\n${start} ls /tmp/calls 2>&1 || true`)).toBe(
      "ls: cannot access '/tmp/calls': No such file or directory\n",
    );
  });
});
