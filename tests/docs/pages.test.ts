/** The built documentation in a real browser, opened from files as a reader without a server would. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Reference, readVariantModels, referenceOf, writeDocs } from "../../docs/index.ts";
import { type OpenBrowser, openBrowser } from "./support/browser.ts";

let directory: string;
let browser: OpenBrowser;
let reference: Reference;
let files: readonly string[];

const addressOf = (file: string) => `file://${directory}/${file}`;
const open = (file: string) => browser.page.goto(addressOf(file));

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), "pinwheel-docs-"));
  await writeDocs(directory);
  reference = referenceOf(await readVariantModels());
  files = (await readdir(directory)).filter((name) => name.endsWith(".html")).sort();
  browser = await openBrowser(directory);
}, 900_000);

afterAll(async () => {
  await browser?.close();
  await rm(directory, { recursive: true, force: true });
});

describe("every page", () => {
  const anchors = new Map<string, ReadonlySet<string>>();
  const links: { from: string; to: string }[] = [];

  test("loads from its file without complaints, and fetches nothing from elsewhere", async () => {
    for (const file of files) {
      await open(file);
      const outline = await browser.ask("outline");
      expect(outline.title).toMatch(/ · Pinwheel$/);
      expect(outline.headings).toBe(1);
      expect(outline.ids).toEqual([...new Set(outline.ids)]);
      anchors.set(file, new Set(outline.ids));
      links.push(...outline.links.map((to) => ({ from: file, to })));
    }
    expect(browser.complaints).toEqual([]);
  });

  test("links only to what is there", () => {
    const broken = links.filter(({ to }) => {
      const { href, hash } = new URL(to);
      const file = href.slice(addressOf("").length, href.length - hash.length);
      const ids = href.startsWith(addressOf("")) ? anchors.get(file) : undefined;
      return ids === undefined || (hash !== "" && !ids.has(decodeURIComponent(hash.slice(1))));
    });
    expect(links.length).toBeGreaterThan(files.length);
    expect(broken).toEqual([]);
  });

  for (const width of [400, 1280]) {
    test(`fits into a window ${width} pixels wide`, async () => {
      await browser.page.setViewport({ width, height: 800 });
      for (const file of files) {
        await open(file);
        const [needed, there] = await browser.ask("widths");
        expect({ file, needed }).toEqual({ file, needed: there });
      }
    });
  }

  for (const scheme of ["light", "dark"]) {
    test(`has texts that stand out from their ground when the reader's system is ${scheme}`, async () => {
      await browser.page.emulateMediaFeatures([{ name: "prefers-color-scheme", value: scheme }]);
      for (const file of files) {
        await open(file);
        const contrasts = await browser.ask("contrasts");
        expect(contrasts.length).toBeGreaterThan(3);
        // 4.5 is what WCAG 2 asks for of texts in this size.
        expect({ file, weak: contrasts.filter(({ ratio }) => ratio < 4.5) }).toEqual({ file, weak: [] });
      }
    });
  }
});

describe("the page of a group", () => {
  test("is there for each group of the model, with all its keys", async () => {
    for (const { name, entries } of reference.groups) {
      await open(`${name}.html`);
      const keys = entries.filter(({ declaration }) => declaration.kind !== "group").map(({ key }) => key);
      expect(await browser.ask("ids", "section.key")).toEqual(keys);
    }
  });
  test("copies an example at the press of a button", async () => {
    const { page } = browser;
    await page.browserContext().overridePermissions("file:///", ["clipboard-write"]);
    await open("motd.html");
    // What a browser without a screen keeps on its clipboard cannot be read back, so the call is looked at.
    await page.evaluate(`{
      const { clipboard } = navigator;
      const write = clipboard.writeText.bind(clipboard);
      clipboard.writeText = (text) => write((globalThis.copied = text));
    }`);
    await page.click("figure:last-of-type button");
    await page.waitForSelector("::-p-text(Copied)");
    expect(await page.evaluate("copied")).toBe("apiclient set 'motd=Handle with care'");
  });
  test("shows rule, default, effect and examples of a key", async () => {
    await open("motd.html");
    const [text] = await browser.ask("texts", '[id="settings.motd"]');
    for (const part of [
      "a string",
      '"Welcome to Pinwheel!"',
      "motd writes /etc/motd",
      "apiclient set 'motd=",
    ]) {
      expect(text).toContain(part);
    }
  });
});

describe("the search", () => {
  const found = () => browser.ask("texts", "#results [role=option] code");
  const type = (text: string) => browser.page.type("#search", text);

  test("finds a key by typing, from the keyboard alone, and goes to it", async () => {
    const { page } = browser;
    await open("index.html");
    await page.keyboard.press("/");
    await page.keyboard.type("time-serv");
    expect((await found())[0]).toBe("settings.ntp.time-servers");
    await Promise.all([page.waitForNavigation(), page.keyboard.press("Enter")]);
    expect(page.url()).toBe(addressOf("ntp.html#settings.ntp.time-servers"));
    expect(await browser.ask("ids", ":target")).toEqual(["settings.ntp.time-servers"]);
  });
  test("finds words of the description, and says when there is nothing", async () => {
    await open("ntp.html");
    await type("when somebody logs in");
    expect(await found()).toEqual(["settings.motd"]);
    await type(" nowhere");
    expect(await browser.ask("texts", "#results")).toEqual(["Nothing found"]);
  });
  test("goes down with the arrow and away with Escape", async () => {
    await open("index.html");
    await type("kernel");
    await browser.page.keyboard.press("ArrowDown");
    expect(await browser.ask("ids", "#results [aria-selected=true]")).toEqual(["result-1"]);
    await browser.page.keyboard.press("Escape");
    expect(await browser.ask("isShown", "#results")).toBe(false);
  });
});
