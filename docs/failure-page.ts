/** The page of everything that is told as a failure, with what to do next. */
import type { FailureText } from "./failure-tables.ts";
import { type Html, html } from "./html.ts";
import type { Page } from "./page.ts";
import { inline } from "./prose.ts";

/** @param host, tool  what can fail on a host, and in bin/pinwheel */
export function failurePage({
  host,
  tool,
}: {
  readonly host: readonly FailureText[];
  readonly tool: readonly FailureText[];
}): Page {
  const content = html`<h1>Failures</h1>
<p class="lead">Every failure says what happened, where, and what to do next. Its code does not change: the API tells it
in the header <code>Pinwheel-Error</code>.</p>
<p class="in">What stands in ‹ › is told with each failure.</p>
<h2 id="on-a-host">On a host</h2>
${table(host)}
<h2 id="in-the-tool">In the tool</h2>
${table(tool)}`;
  const topics = [...host, ...tool].map(({ code, says }) => ({ anchor: code, name: code, about: says }));
  return { file: "failures.html", name: "Failures", title: "Failures · Pinwheel", content, topics };
}

function table(failures: readonly FailureText[]): Html {
  return html`<dl class="failures">
${failures.map(
  ({ code, says, hint }) => html`<dt id="${code}"><a href="#${code}"><code>${code}</code></a></dt>
<dd><p>${inline(says)}</p><p class="hint">${inline(hint)}</p></dd>
`,
)}</dl>`;
}
