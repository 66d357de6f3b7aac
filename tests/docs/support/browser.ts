/** A Chromium without a screen, from a root of its own, that sees one directory of this machine. */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import puppeteer, { type Page } from "puppeteer-core";
import { ensureTestTools, progressLines } from "../../../sdk/index.ts";

export interface OpenBrowser {
  readonly page: Page;
  /** What the browser complained about so far: errors, what it could not fetch and what it fetched from elsewhere. */
  readonly complaints: readonly string[];
  /** Asks the open page one of the questions of in-page.js. */
  ask<Question extends keyof Answers>(
    question: Question,
    ...parameters: readonly string[]
  ): Promise<Answers[Question]>;
  close(): Promise<void>;
}

/** What in-page.js answers. */
interface Answers {
  outline: {
    readonly ids: readonly string[];
    readonly links: readonly string[];
    readonly title: string;
    readonly headings: number;
  };
  widths: readonly [needed: number, there: number];
  texts: readonly string[];
  ids: readonly string[];
  isShown: boolean;
  contrasts: readonly { readonly text: string; readonly ratio: number }[];
}

/** Starts the browser; the first time the root is made, in about a minute. */
export async function openBrowser(directory: string): Promise<OpenBrowser> {
  const root = await ensureTestTools(progressLines());
  const { command, env } = root.wrap(
    [
      ...["chromium", "--headless=new", "--disable-gpu", "--remote-debugging-port=0"],
      // The browser's own sandbox cannot be made inside the root, and the pages are our own.
      ...["--no-sandbox", "--user-data-dir=/tmp/profile", "about:blank"],
    ],
    { readable: [directory] },
  );
  const child = Bun.spawn([...command], {
    env: { ...env },
    stdin: "ignore",
    stdout: "ignore",
    stderr: "pipe",
  });
  const browser = await puppeteer.connect({ browserWSEndpoint: await addressOf(child.stderr) });
  const page = await browser.newPage();
  await page.evaluateOnNewDocument(await readFile(join(import.meta.dirname, "in-page.js"), "utf8"));
  return {
    page,
    complaints: watch(page, `file://${directory}/`),
    // The answers are those of in-page.js, which is no TypeScript: the browser's types are not this project's.
    ask: (question, ...parameters) =>
      page.evaluate(`inPage.${question}(...${JSON.stringify(parameters)})`) as Promise<
        Answers[typeof question]
      >,
    async close() {
      await browser.close();
      child.kill();
      await child.exited;
    },
  };
}

/** The address that the browser prints once it can be talked to. */
async function addressOf(output: ReadableStream<Uint8Array>): Promise<string> {
  const decoder = new TextDecoder();
  let text = "";
  for await (const chunk of output) {
    text += decoder.decode(chunk, { stream: true });
    const address = /DevTools listening on (ws:\S+)/.exec(text)?.[1];
    if (address !== undefined) return address;
  }
  throw new Error(`Chromium ended before it could be talked to:\n${text}`);
}

function watch(page: Page, home: string): readonly string[] {
  const complaints: string[] = [];
  page.on("console", (message) => {
    if (message.type() === "error" || message.type() === "warn") complaints.push(message.text());
  });
  page.on("pageerror", (error) => complaints.push(String(error)));
  page.on("requestfailed", (request) => complaints.push(`cannot fetch ${request.url()}`));
  page.on("request", (request) => {
    if (!request.url().startsWith(home)) complaints.push(`fetches ${request.url()}`);
  });
  return complaints;
}
