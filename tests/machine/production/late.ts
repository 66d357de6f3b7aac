/** A registry that is not there at boot, then has no such image, then has it: what the host says of it, and does about it. */
import { describe, expect, it } from "bun:test";
import { STAY, statusOf, untilRunning } from "../support/containers.ts";
import { host, late } from "./machine.ts";

const UNIT = "host-containers@late.service";
const PULL_MS = 300_000; // six attempts take 35 to 61 s of waiting, and the unit waits 45 s before the next six

const manifest = () => `http://${late.nameForGuests}/v2/small/manifests/1`;
const untilJournalSays = (text: string) =>
  host.waitUntil(`journalctl -b --no-pager -o cat -u ${UNIT} | grep -qF '${text}'`, PULL_MS);

// Between these the host tries again by itself, which takes minutes: other tests fill them.

export function theAbsentRegistry(): void {
  describe("a registry that is not there at boot", () => {
    it("is told in the journal and by the status: which reference, which endpoint, and why", async () => {
      await untilJournalSays(
        `Image ${late.sourceOf("small")} was not pulled in 6 attempts: GET ${manifest()}: ECONNREFUSED`,
      );
      const { containers } = await statusOf(host);
      expect(containers.find(({ name }) => name === "late")?.unit.problem).toContain(UNIT);
      await late.startAgain();
    }, 400_000);
  });
}

export function theAbsentImage(): void {
  describe("a registry that has no such image", () => {
    it("is told in the journal: which endpoint, and its status", async () => {
      await untilJournalSays(`${manifest()}: status 404 Not Found (MANIFEST_UNKNOWN`);
      await late.push("small", STAY);
    }, 400_000);
  });
}

export function theLateImage(): void {
  describe("a registry that has the image at last", () => {
    it("gives the container its image, without anybody doing anything on the host", async () => {
      await untilRunning(host, ["late"]);
    }, 400_000);
  });
}
