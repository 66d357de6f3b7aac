/** The admin container as a place to work from: its way into the host (containers.md 12.4), its tools, its root. */
import { afterAll, beforeAll, describe, expect, it } from "bun:test";
import { Container } from "./support/container.ts";

let admin: Container;

beforeAll(async () => {
  admin = await Container.of("admin");
});

afterAll(() => admin.remove());

const run = async (script: string) => admin.run(await admin.storage(), script);

// Here the host is the machine that runs the test: its first process is outside of the container's root.
describe("sheltie", () => {
  it("runs a command in the namespaces of the host, and ends with its exit code", async () => {
    const script = `sheltie readlink /proc/self/ns/mnt; readlink /proc/1/ns/mnt /proc/self/ns/mnt; sheltie sh -c "exit 7"; echo $?`;
    const [inside, host, container, code] = (await run(script)).split("\n");
    expect(inside).toBe(host);
    expect(inside).not.toBe(container);
    expect(code).toBe("7");
  });

  it("without a command starts a shell there, which has the container's tools behind the host's own", async () => {
    const script = `echo 'echo $BASH_VERSION; readlink /proc/self/ns/mnt; echo $PATH' | sheltie; readlink /proc/1/ns/mnt`;
    const [version, inside, path, host] = (await run(script)).split("\n");
    expect(version).toMatch(/^5\./);
    expect(inside).toBe(host);
    expect(path).toMatch(/^\/usr\/local\/sbin:.*:\/bin:\/proc\/\d+\/root\/opt\/bin$/);
  });

  it("brings a shell and tools that need nothing of the host: they run in an empty root", async () => {
    const script = `mkdir /tmp/host && cp -a /opt/bin /tmp/host/ && cp /usr/bin/bash-static /tmp/host/bin/bash --remove-destination && \
      cp /usr/bin/busybox /tmp/host/bin/busybox --remove-destination && PATH=/bin /usr/sbin/chroot /tmp/host /bin/bash -c 'echo hello >f && for t in cat head tail; do $t f; done; ls /bin | wc -l'`;
    const [one, two, three, count] = (await run(script)).split("\n");
    expect([one, two, three]).toEqual(["hello", "hello", "hello"]);
    expect(Number(count)).toBeGreaterThan(70);
    const missing = `for link in /opt/bin/*; do name=\${link##*/}; [[ $name = bash || $name = busybox ]] || busybox --list | grep -qx "$name" || echo "$name"; done`;
    expect(await run(missing)).toBe("");
  });

  it("is for root alone, and for a container that sees the host's processes", async () => {
    expect(await run("setpriv --reuid=65534 sheltie; echo $?")).toBe(
      "sheltie must be run as root: sudo sheltie\n1\n",
    );
    // A process namespace of its own, as in a container that is not superpowered: its first process is in the container.
    expect(await run("unshare --pid --fork --mount-proc bash -c 'sheltie id; echo $?'")).toBe(
      "This container does not see the host's processes: set settings.host-containers.NAME.superpowered to true\n1\n",
    );
  });
});

describe("the admin container's root", () => {
  it("holds no key, no machine id and no name of the machine that built it", async () => {
    const script = `ls /etc/ssh; cat /etc/machine-id; ls /etc/hostname /etc/resolv.conf 2>&1 | wc -l; ls -d /dev/null; getent group api`;
    expect((await run(script)).split("\n")).toEqual([
      "moduli",
      "ssh_config",
      "ssh_config.d",
      "sshd_config",
      "sshd_config.d",
      "2",
      "/dev/null",
      "api:x:274:",
      "",
    ]);
  });

  it("has what people expect there: tools, completion, apt", async () => {
    const tools =
      "jq openssl less vi nano ps lsof strace mount mkfs.ext4 lsblk nsenter tcpdump ip ping curl nc ethtool lspci modprobe apt-get sudo";
    const script = `for t in ${tools}; do command -v $t >/dev/null || echo "no $t"; done; HOME=/root bash -ic 'complete -p ssh >/dev/null 2>&1 || _comp_load ssh && echo completes' 2>/dev/null | tail -n 1; readlink /usr/bin/logger`;
    expect(await run(script)).toBe("completes\ntrue\n");
  });
});
