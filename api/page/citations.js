// Citations as chips in a sentence and as lines below it; both open the article at the quote.

import { element, isolated } from "./element.js";
import { showsQuote } from "./quote-card.js";
import { day, figure } from "./words.js";

/** The small numbered chip that stands behind a sentence. */
export function chip(citation, open) {
  const made = element("button", {
    class: "chip",
    type: "button",
    "data-source": citation.source,
    "data-start": citation.start,
    "aria-label": `Quote ${citation.id}: ${citation.title}, line ${citation.line}`,
    click: () => open(citation, made),
  }, String(citation.id));
  showsQuote(made, citation);
  return made;
}

/** A citation as a line of its own; with `quoted`, the quote stands in it. */
export function sourceLine(citation, open, { numbered = true, quoted = false } = {}) {
  const place = [citation.date && day(citation.date), `line ${figure(citation.line)}`];
  const made = element("button", { class: "source-line", type: "button", click: () => open(citation, made) },
    numbered ? element("span", { class: "number" }, String(citation.id)) : null,
    element("span", { class: "source-text" },
      element("span", { class: quoted ? "quoted" : "printed" }, isolated(citation.quote)),
      element("span", { class: "source-title" }, isolated(citation.title)),
      element("span", { class: "source-place" }, place.filter(Boolean).join(" · "))));
  if (!quoted) showsQuote(made, citation);
  return made;
}
