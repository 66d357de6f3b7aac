/** The first page: what there is, by group. */
import { html } from "./html.ts";
import type { Page } from "./page.ts";
import type { Reference } from "./reference.ts";
import { variantWords } from "./variant-words.ts";

/** The file of the page of a group. */
export function groupFile(name: string): string {
  return `${name}.html`;
}

export function indexPage({ groups, variants }: Reference): Page {
  const count = groups.flatMap(({ entries }) =>
    entries.filter(({ declaration }) => declaration.kind === "leaf"),
  ).length;
  const content = html`<h1>Settings</h1>
<p class="lead">Everything about a host is set through its API: ${count} settings in ${groups.length} groups. Each is
checked before it is stored, and what it affects is written and restarted at once.</p>
<ul class="ways">
<li><strong>At the first boot</strong> as user data, a TOML document with a table <code>settings</code>.</li>
<li><strong>Later</strong> with <code>apiclient set KEY=VALUE</code> or <code>apiclient apply FILE</code>.</li>
<li><strong>Without a host</strong> a document is checked with <code>bin/pinwheel settings validate FILE</code>.</li>
</ul>
<h2 id="groups">Groups</h2>
<ul class="cards">
${groups.map(
  ({ name, entries: [group] }) => html`<li><a href="${groupFile(name)}"><code>${name}</code></a>
<p>${group.declaration.about?.doc ?? ""}</p>
<p class="in">${variantWords(group.variants, variants)}</p></li>
`,
)}</ul>
<h2 id="variants">Variants</h2>
<p>A variant is what a host is built for: the platform it runs on and the orchestrator it runs containers for. Names
with <code>*</code> stand for all variants that fit.</p>
<ul class="names">${variants.map((name) => html`<li><code>${name}</code></li>`)}</ul>`;
  return { file: "index.html", name: "Overview", title: "Settings · Pinwheel", content, topics: [] };
}
