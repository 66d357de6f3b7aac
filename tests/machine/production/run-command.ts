/** What `pinwheel run` tells of a production host, and how one is asked that has no shell on any console. */
import { describe, expect, it } from "bun:test";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { output, setting, short } from "../../lab.ts";
import { enter, host, NAME, said, TOOL } from "./machine.ts";

export function theRunCommand(): void {
  describe("pinwheel run metal-base", () => {
    it("shows the steps of the host coming up, in their order, each with its time", () => {
      const steps = [...said.matchAll(/^✓ (.+?) +\d+\.\d s/gm)].map(([, step]) => step);
      const up = ["firmware", "kernel", "API", "settings of the first boot", "services"];
      expect(steps.slice(-7)).toEqual([...up, "admin container pulled", "admin container entered"]);
      expect(said).toMatch(/^✓ admin container pulled .*\d MB$/m);
    });

    it("prints the ssh line, which works, and how to ask, look at and stop the host", async () => {
      const ssh = `ssh -F ${join(host.directory, "ssh_config")} ${NAME}`;
      expect(said.replaceAll(`${process.cwd()}/`, "")).toContain(
        `  enter it      ${ssh.replace(`${process.cwd()}/`, "")}\n`,
      );
      for (const command of [`vm ask ${NAME}`, `vm console ${NAME}`, `vm stop ${NAME}`])
        expect(said).toContain(`bin/pinwheel ${command}`);
      expect(await enter("id -un; exit 3")).toEqual({ exitCode: 3, stdout: "ec2-user\n", stderr: "" });
    });

    it("keeps somebody's own user data: they are set beside the way in", async () => {
      expect(await setting(host, "settings.motd")).toBe("Production");
      expect(await output(host, "cat /etc/motd /proc/sys/vm/swappiness")).toBe("Production\n17\n");
      expect(await setting(host, "settings.host-containers.admin.enabled")).toBe(true);
      expect(await setting(host, "settings.host-containers.control.enabled")).toBe(true);
    });
  });

  describe("the API from outside", () => {
    it("is asked through ssh, with exit codes", async () => {
      const { stdout, exitCode } = await enter("apiclient get settings.motd");
      expect({ answer: JSON.parse(stdout), exitCode }).toEqual({
        answer: { settings: { motd: "Production" } },
        exitCode: 0,
      });
      expect((await enter("apiclient get /nope")).exitCode).toBe(1);
    });
  });

  describe("vm ask, where no console has a shell", () => {
    it("gives back every byte and the exit code", async () => {
      const answer = await host.ask(`printf 'a\\r\\n\\0\\377'; echo err >&2; exit 7`);
      expect([...answer.bytes]).toEqual([...Buffer.from("a\r\n\0"), 0xff, ...Buffer.from("err\n")]);
      expect(answer.exitCode).toBe(7);
      expect(short(await host.ask("cat; echo $?"))).toEqual({ exitCode: 0, output: "0\n" });
    });

    it("takes several words exactly as given, and runs in the host as root", async () => {
      const words = ["printf", "<%s>", "a b", "it's", '"$HOME"', "x\ny", "*", "ü"];
      const child = Bun.spawn([TOOL, "vm", "ask", NAME, ...words], { stdout: "pipe", stderr: "inherit" });
      expect(await new Response(child.stdout).text()).toBe(`<a b><it's><"$HOME"><x\ny><*><ü>`);
      expect(await output(host, "id -u; readlink /proc/self/ns/mnt /proc/1/ns/mnt | uniq | wc -l")).toBe(
        "0\n1\n",
      );
    });

    it("knows the host again by the keys that it learned first, and vm list shows its port", async () => {
      expect(await readFile(join(host.directory, "known_hosts"), "utf8")).toMatch(
        new RegExp(`^${NAME} ssh-ed25519 \\S+$`, "m"),
      );
      const list = Bun.spawnSync([TOOL, "vm", "list"]).stdout.toString();
      expect(list).toMatch(new RegExp(`^${NAME} +metal-base +running \\(\\w+\\) +${host.sshPort} `, "m"));
    });
  });
}
