// Offsets of quotes count code points, JavaScript's strings count UTF-16 units: the way between.

/**
 * The UTF-16 index of each code point offset in `offsets`, which may come in any order. An offset
 * past the end of the text has none: null.
 */
export function utf16Indexes(text, offsets) {
  const order = [...offsets.keys()].sort((one, other) => offsets[one] - offsets[other]);
  const found = new Array(offsets.length).fill(null);
  let index = 0;
  let points = 0;
  for (const which of order) {
    while (points < offsets[which] && index < text.length) {
      index += text.codePointAt(index) > 0xffff ? 2 : 1;
      points += 1;
    }
    if (points === offsets[which]) found[which] = index;
  }
  return found;
}
