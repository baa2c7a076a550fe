// Where a card goes beside what it belongs to.

const GAP = 8;
const EDGE = 10;

/** Put a fixed `card` above or below `anchor`, wherever there is room, inside the window. */
export function place(card, anchor, { centred = true } = {}) {
  const at = anchor.getClientRects()[0] ?? anchor.getBoundingClientRect();
  const width = document.documentElement.clientWidth;
  const height = document.documentElement.clientHeight;
  const above = at.top - GAP - EDGE;
  const below = height - at.bottom - GAP - EDGE;
  const wanted = card.scrollHeight;
  const goesAbove = above >= Math.min(wanted, below);
  card.style.maxHeight = `${Math.max(80, goesAbove ? above : below)}px`;
  const size = card.getBoundingClientRect();
  const left = centred ? at.left + at.width / 2 - size.width / 2 : at.left;
  card.style.left = `${Math.max(EDGE, Math.min(left, width - size.width - EDGE))}px`;
  card.style.top = `${goesAbove ? at.top - GAP - size.height : at.bottom + GAP}px`;
}
