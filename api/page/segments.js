// A text and the quotes in it -> its lines, cut where quotes begin and end.

import { utf16Indexes } from "./offsets.js";

/**
 * Where each quote stands in the text: `{quote, start, end}` in UTF-16 units, `exact` where the text
 * there is the quote to the letter.
 */
export function located(text, quotes) {
  const indexes = utf16Indexes(text, quotes.flatMap((quote) => [quote.start, quote.end]));
  return quotes.map((quote, at) => {
    const [start, end] = [indexes[2 * at], indexes[2 * at + 1]];
    const exact = start !== null && end !== null && text.slice(start, end) === quote.quote;
    return { quote, start, end, exact };
  });
}

/**
 * The lines of a text, each with its line break, as lists of `{text, spans}`: together they are the
 * text, and `spans` are those of the given `{start, end}` that cover the piece.
 */
export function lines(text, spans) {
  const found = [];
  for (let start = 0; start < text.length || start === 0;) {
    const broken = text.indexOf("\n", start);
    const end = broken < 0 ? text.length : broken + 1;
    found.push(pieces(text, start, end, spans.filter((span) => span.start < end && span.end > start)));
    if (end === text.length) break;
    start = end;
  }
  return found;
}

function pieces(text, start, end, spans) {
  const inside = spans.flatMap((span) => [span.start, span.end]).filter((cut) => cut > start && cut < end);
  const cuts = [...new Set([start, ...inside, end])].sort((one, other) => one - other);
  return cuts.slice(1).map((cut, at) => ({
    text: text.slice(cuts[at], cut),
    spans: spans.filter((span) => span.start <= cuts[at] && span.end >= cut),
  }));
}
