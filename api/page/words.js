// Figures and dates as people read them.

const DAY = new Intl.DateTimeFormat("en-GB", { dateStyle: "long", timeZone: "UTC" });
const NUMBER = new Intl.NumberFormat("en-GB");

/** An ISO date as "9 May 2025"; what is no date stays as it is. */
export function day(date) {
  const at = Date.parse(date);
  return Number.isNaN(at) ? date : DAY.format(at);
}

export function figure(number) {
  return NUMBER.format(number);
}

/** "1 article", "5 articles". */
export function counted(number, one, many = `${one}s`) {
  return `${figure(number)} ${number === 1 ? one : many}`;
}

/** A calibrated confidence in words, and what it promises. */
export function confidenceWords(confidence, refused) {
  const hundred = Math.round(confidence * 100);
  const kind = refused ? "refusals" : "answers";
  const sure = [[0.9, "Very sure"], [0.75, "Fairly sure"], [0.5, "Not very sure"], [0, "Unsure"]]
    .find(([least]) => confidence >= least)[1];
  return { sure, promise: `of 100 ${kind} with this mark, about ${hundred} are right`, hundred };
}
