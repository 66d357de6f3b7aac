import { expect, test } from "bun:test";
import { html } from "./html.ts";

test("what is put into HTML is text, unless it is HTML", () => {
  const inner = html`<b>${"<&>"}</b>`;
  expect(html`<p title="${'"x"'}">${inner}${[1, inner]}${undefined}${false}</p>`.text).toBe(
    '<p title="&quot;x&quot;"><b>&lt;&amp;&gt;</b>1<b>&lt;&amp;&gt;</b></p>',
  );
});
