/** The page of one group: every key below it with its rule, defaults, effects and examples. */
import type { Declaration } from "../host/settings/index.ts";
import { defaultWords, generatorWords, variantsSaid } from "./entry-words.ts";
import { exampleOf, setCommandOf, tomlOf } from "./examples.ts";
import { type Html, html } from "./html.ts";
import { groupFile } from "./index-page.ts";
import type { Page } from "./page.ts";
import { type Effect, type Entry, placeholder, type ReferenceGroup, type Said } from "./reference.ts";
import { acceptedWords, nameWords, rebootNeed, typeWords, wordsOf } from "./type-words.ts";
import { variantWords } from "./variant-words.ts";

/** The entries that have a section: a group inside a group has nothing to say beyond its members. */
function entriesShown({ entries }: ReferenceGroup): readonly Entry[] {
  return entries.filter(({ declaration }) => declaration.kind !== "group");
}

export function groupPage(group: ReferenceGroup, all: readonly string[]): Page {
  const [top] = group.entries;
  const shown = entriesShown(group);
  const content = html`<h1><span class="prefix">settings.</span>${group.name}</h1>
${top.declaration.kind === "group" && html`<p class="lead">${top.declaration.about?.doc ?? ""}</p>`}
<p class="in">In ${variantWords(top.variants, all)}.</p>
${shown.length < 3 ? undefined : contents(shown)}
${shown.map((entry) => section(entry, all))}`;
  return {
    file: groupFile(group.name),
    name: group.name,
    title: `settings.${group.name} · Pinwheel`,
    content,
    topics: shown.map(({ key, declaration }) => ({
      anchor: key,
      name: key,
      about: declaration.about?.doc ?? "",
    })),
  };
}

function contents(entries: readonly Entry[]): Html {
  const links = entries.map(
    ({ key, segments }) =>
      html`<li><a href="#${key}">${segments.slice(2).join(".") || segments[1]}</a></li>\n`,
  );
  return html`<nav class="contents" aria-label="On this page"><ul>
${links}</ul></nav>`;
}

function section(entry: Entry, all: readonly string[]): Html {
  const { key, declaration, aliases } = entry;
  const isSecret = declaration.kind === "leaf" && declaration.type.secret === true;
  const name = declaration.kind === "map" ? undefined : nameWords(entry.path);
  const reboot = rebootNeed(entry.path)?.why;
  const example = exampleOf(entry);
  return html`<section class="key" id="${key}" aria-labelledby="${key}:name">
<h2 id="${key}:name"><a href="#${key}">${keyName(entry)}</a></h2>
<p class="badges"><span class="type">${typeWords(declaration)}</span>${isSecret && html` <span class="secret">never shown in messages</span>`}${entry.generators.length > 0 && html` <span>generated when unset</span>`}${reboot !== undefined && html` <span>reboot</span>`}</p>
<p>${declaration.about?.doc ?? ""}</p>
<dl>
<dt>Accepted</dt><dd>${acceptedHtml(declaration)}</dd>
${name !== undefined && html`<dt><em>${placeholder}</em></dt><dd>${name}</dd>`}
${entry.defaults.length > 0 && html`<dt>Default</dt><dd>${lines(entry, entry.defaults, all, defaultHtml)}</dd>`}
${entry.generators.length > 0 && html`<dt>Generator</dt><dd>${lines(entry, entry.generators, all, (generator) => html`<code>${generatorWords(generator, entry)}</code>`)}</dd>`}
${entry.effects.length > 0 && html`<dt>A change</dt><dd>${lines(entry, entry.effects, all, effectHtml)}</dd>`}
${reboot !== undefined && html`<dt>Reboot</dt><dd>${reboot}</dd>`}
${aliases.length > 0 && html`<dt>Also called</dt><dd>${aliases.map((alias) => html`<code>${alias}</code> `)}</dd>`}
</dl>
${
  example !== undefined &&
  html`<div class="examples">
<figure><figcaption>User data</figcaption><pre><code>${tomlOf(example)}</code></pre></figure>
<figure><figcaption>Command</figcaption><pre><code>${setCommandOf(example)}</code></pre></figure>
</div>`
}
</section>
`;
  function defaultHtml(value: Entry["defaults"][number]["value"]): Html {
    return html`<code>${defaultWords(value, entry)}</code>`;
  }
}

function acceptedHtml(declaration: Declaration): Html {
  const words = wordsOf(declaration);
  if (words === undefined) return html`${acceptedWords(declaration)}`;
  return html`one of ${inRow(words.map((word) => JSON.stringify(word)))}`;
}

/** The key, its own last part foremost, with places where a line may break. */
function keyName({ segments }: Entry): Html {
  const parts = segments.map((segment, index) => {
    const text = segment === placeholder ? html`<em>${segment}</em>` : html`${segment}`;
    return index === 0 ? text : html`<wbr>.${text}`;
  });
  const own = segments.length > 2 ? -1 : 1;
  return html`<span class="prefix">${parts.slice(0, own)}</span>${parts.slice(own)}`;
}

function lines<T>(
  entry: Entry,
  all: readonly Said<T>[],
  variants: readonly string[],
  write: (value: T) => Html,
): Html {
  return html`<ul>${all.map((said) => {
    const where = variantsSaid(said, entry, variants);
    return html`<li>${write(said.value)}${where !== undefined && html` <span class="in">${where}</span>`}</li>`;
  })}</ul>`;
}

/** Kubernetes settings write ten files each, which nobody wants to read at every key. */
const mostFilesShown = 3;

function effectHtml({ service, files, commands }: Effect): Html {
  const run = commands.length > 0 && html` runs ${inRow(commands)}`;
  const folded = html`<details><summary>${files.length} files</summary>${inRow(files)}</details>`;
  const written = files.length > 0 && html` writes ${files.length > mostFilesShown ? folded : inRow(files)}`;
  return html`<strong>${service}</strong>${run}${written && run && " and"}${written}`;
}

function inRow(texts: readonly string[]): Html {
  return html`${texts.map((text, index) => html`${index > 0 && " "}<code>${text}</code>`)}`;
}
