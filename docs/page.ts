/** What all pages have in common: the head, the search and the list of pages. */
import { Html, html } from "./html.ts";

/** One page of the documentation. */
export interface Page {
  readonly file: string;
  /** In the list of pages. */
  readonly name: string;
  readonly title: string;
  readonly content: Html;
  /** What the search finds on it. */
  readonly topics: readonly Topic[];
}

/** A part of a page with an anchor. */
export interface Topic {
  readonly anchor: string;
  readonly name: string;
  readonly about: string;
}

/** A link of the list of pages. */
export interface Link {
  readonly file: string;
  readonly name: string;
}

/** The pages that stand beside each other in the list, under a heading. */
export interface Section {
  readonly heading: string;
  readonly links: readonly Link[];
}

/** The whole document of a page. */
export function documentOfPage({ file, title, content }: Page, sections: readonly Section[]): string {
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${title}</title>
<link rel="icon" href="icon.svg">
<link rel="stylesheet" href="style.css">
<script src="search-index.js" defer></script>
<script src="page.js" defer></script>
</head>
<body>
<a class="skip" href="#content">Skip to the content</a>
<header class="top">
<a class="brand" href="index.html"><img src="icon.svg" alt="" width="26" height="26">Pinwheel <span>reference</span></a>
<div class="search" role="search" hidden>
<input id="search" type="search" placeholder="Search" aria-label="Search" role="combobox"
 aria-expanded="false" aria-controls="results" aria-autocomplete="list" autocomplete="off" spellcheck="false">
<kbd aria-hidden="true">/</kbd>
<ul id="results" role="listbox" aria-label="Found" hidden></ul>
</div>
<a class="to-pages" href="#pages">All pages</a>
</header>
<div class="frame">
<main id="content">
${content}
</main>
<nav id="pages" aria-label="Pages">
${sections.map(
  ({ heading, links }) => html`<h2>${heading}</h2>
<ul>
${links.map((link) => html`<li><a href="${link.file}"${link.file === file && current}>${link.name}</a></li>\n`)}</ul>
`,
)}</nav>
</div>
</body>
</html>
`.text;
}

const current = new Html(' aria-current="page"');
