/** The page of the API, from its description as an OpenAPI document. */
import { type Html, html } from "./html.ts";
import type { Page } from "./page.ts";
import { inline, prose } from "./prose.ts";
import { isTable } from "./tables.ts";

/** One request that can be made. */
export interface Operation {
  readonly method: string;
  readonly path: string;
  readonly summary: string;
  readonly description: string;
  readonly parameters: readonly {
    readonly name: string;
    readonly isNeeded: boolean;
    readonly about: string;
    readonly example: string;
  }[];
  readonly takesBody: boolean;
  readonly answers: readonly { readonly status: string; readonly about: string }[];
}

/** What the page needs of a document; what it lacks is shown as nothing. */
export function readApi(document: unknown): {
  readonly about: string;
  readonly operations: readonly Operation[];
} {
  const { info, paths } = tableOf(document);
  const operations = Object.entries(tableOf(paths)).flatMap(([path, methods]) =>
    Object.entries(tableOf(methods)).map(([method, operation]) =>
      readOperation(method, path, tableOf(operation)),
    ),
  );
  return { about: textOf(tableOf(info).description), operations };
}

function readOperation(
  method: string,
  path: string,
  operation: Readonly<Record<string, unknown>>,
): Operation {
  const { summary, description, parameters, requestBody, responses } = operation;
  return {
    method: method.toUpperCase(),
    path,
    summary: textOf(summary),
    description: textOf(description),
    parameters: (Array.isArray(parameters) ? parameters : []).map(tableOf).map((parameter) => ({
      name: textOf(parameter.name),
      isNeeded: parameter.required === true,
      about: textOf(parameter.description),
      example: textOf(parameter.example),
    })),
    takesBody: requestBody !== undefined,
    answers: Object.entries(tableOf(responses)).map(([status, response]) => ({
      status,
      about: textOf(tableOf(response).description),
    })),
  };
}

export function apiPage({ about, operations }: ReturnType<typeof readApi>): Page {
  const content = html`<h1>API</h1>
${prose(about)}
<nav class="contents" aria-label="On this page"><ul>
${operations.map((one) => html`<li><a href="#${anchorOf(one)}">${one.method} ${one.path}</a></li>\n`)}</ul></nav>
${operations.map(section)}`;
  const topics = operations.map((one) => ({
    anchor: anchorOf(one),
    name: `${one.method} ${one.path}`,
    about: one.summary,
  }));
  return { file: "api.html", name: "API", title: "API · Pinwheel", content, topics };
}

function anchorOf({ method, path }: Operation): string {
  return `${method}:${path}`;
}

function section(operation: Operation): Html {
  const { method, path, summary, description, parameters, answers } = operation;
  const anchor = anchorOf(operation);
  return html`<section class="key" id="${anchor}" aria-labelledby="${anchor}:name">
<h2 id="${anchor}:name"><a href="#${anchor}"><span class="method">${method}</span> ${path}</a></h2>
<p>${inline(summary)}.</p>
${prose(description)}
<dl>
${parameters.map(
  ({
    name,
    isNeeded,
    about,
  }) => html`<dt><code>${name}</code></dt><dd>${isNeeded && "Needed. "}${inline(about)}</dd>
`,
)}${answers.map(({ status, about }) => html`<dt>${status}</dt><dd>${inline(about)}</dd>\n`)}</dl>
<div class="examples">
<figure><figcaption>Command</figcaption><pre><code>${commandOf(operation)}</code></pre></figure>
</div>
</section>
`;
}

function commandOf({ method, path, parameters, takesBody }: Operation): string {
  const given = parameters.filter(({ example, isNeeded }) => example !== "" || isNeeded);
  const query = given.map(({ name, example }) => `${name}=${encodeURI(example)}`).join("&");
  return [
    "apiclient raw",
    ...(method === "GET" ? [] : [`-m ${method}`]),
    `-u '${path}${query === "" ? "" : `?${query}`}'`,
    ...(takesBody ? ["-d '{…}'"] : []),
  ].join(" ");
}

function tableOf(value: unknown): Readonly<Record<string, unknown>> {
  return isTable(value) ? value : {};
}

function textOf(value: unknown): string {
  return typeof value === "string" ? value : "";
}
