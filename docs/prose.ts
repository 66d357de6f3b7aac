/** Texts of several sentences, in which code stands between backticks. */
import { type Html, html } from "./html.ts";

/** Paragraphs, which blank lines part. */
export function prose(text: string): readonly Html[] {
  const paragraphs = text.split(/\n{2,}/).filter((paragraph) => paragraph.trim() !== "");
  return paragraphs.map((paragraph) => html`<p>${inline(paragraph)}</p>\n`);
}

/** The inside of a paragraph. */
export function inline(text: string): readonly Html[] {
  return text.split("`").map((part, index) => (index % 2 === 1 ? html`<code>${part}</code>` : html`${part}`));
}
