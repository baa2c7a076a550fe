// The quote behind a citation, shown while the pointer or the focus is on it.

import { byId, element, isolated } from "./element.js";
import { place } from "./placement.js";
import { day } from "./words.js";

const PATIENCE = 120; // milliseconds: a pointer that only passes by opens nothing

const card = byId("quote-card");
let shownFor = null;
let waiting = 0;

/** Show the quote of `citation` while the pointer or the focus is on `anchor`. */
export function showsQuote(anchor, citation) {
  const soon = () => later(() => show(anchor, citation));
  anchor.addEventListener("pointerenter", (event) => event.pointerType !== "touch" && soon());
  anchor.addEventListener("pointerleave", () => later(leave));
  anchor.addEventListener("focus", () => anchor.matches(":focus-visible") && show(anchor, citation));
  anchor.addEventListener("blur", hide);
  anchor.addEventListener("click", hide);
}

/** Hide the card; whether one was shown. */
export function hide() {
  clearTimeout(waiting);
  if (!shownFor) return false;
  shownFor.removeAttribute("aria-describedby");
  shownFor = null;
  card.hidePopover();
  return true;
}

function show(anchor, citation) {
  if (!anchor.isConnected) return;
  hide();
  card.replaceChildren(
    element("blockquote", {}, element("mark", {}, isolated(citation.quote))),
    element("p", { class: "card-source" },
      element("strong", {}, isolated(citation.title)),
      element("span", {}, [citation.date && day(citation.date), `line ${citation.line}`]
        .filter(Boolean).join(" · "))));
  anchor.setAttribute("aria-describedby", card.id);
  shownFor = anchor;
  card.showPopover();
  place(card, anchor);
}

// The pointer has gone; what the focus shows stays.
function leave() {
  if (!shownFor?.matches(":focus-visible")) hide();
}

function later(act) {
  clearTimeout(waiting);
  waiting = setTimeout(act, PATIENCE);
}

// The pointer may go onto the card, to read or select: it stays.
card.addEventListener("pointerenter", () => clearTimeout(waiting));
card.addEventListener("pointerleave", () => later(leave));
addEventListener("scroll", follow, { capture: true, passive: true });
addEventListener("resize", hide);

// The focus itself scrolls the page: the card goes along, and hides when what it belongs to does.
function follow(event) {
  if (!shownFor || event.target === card) return;
  const { top, bottom } = shownFor.getBoundingClientRect();
  if (bottom < 0 || top > document.documentElement.clientHeight) hide();
  else place(card, shownFor);
}
