// What went wrong, in words, and the note that says so with the next step.

import { element } from "./element.js";

/** The service said no: problem details (RFC 9457). `retryAfter` is in seconds, or null. */
export class Problem extends Error {
  constructor(status, detail, retryAfter = null) {
    super(detail);
    this.status = status;
    this.retryAfter = retryAfter;
  }
}

/** The service did not answer at all. */
export class Unreachable extends Error {
  constructor() {
    super("The service cannot be reached: see that it runs and that you are connected.");
    this.retryAfter = null;
  }
}

/** The service began to answer and the connection ended before it was done. */
export class CutOff extends Error {
  constructor() {
    super("The connection was cut before the answer was whole.");
    this.retryAfter = null;
  }
}

/** The Problem that a response holds, whatever its body is. */
export function problemOf(status, body, retryAfter) {
  let detail = "";
  try {
    detail = JSON.parse(body).detail;
  } catch {
    // A proxy on the way may answer with a page of its own.
  }
  if (typeof detail !== "string" || !detail) detail = `The service answered ${status}.`;
  return new Problem(status, detail, secondsOf(retryAfter));
}

function secondsOf(header) {
  if (!header) return null;
  if (/^\d+$/.test(header.trim())) return Number(header);
  const until = Date.parse(header);
  return Number.isNaN(until) ? null : Math.max(1, Math.ceil((until - Date.now()) / 1000));
}

/** Whether an error only says that the user stopped the work. */
export function isStop(error) {
  return error.name === "AbortError";
}

/** What is wrong is what was asked: the same again fails again. */
const FAULTY = new Set([400, 413, 415, 422]);

/** A note that says what went wrong and, where that may help, tries again on a click. */
export function problemNote(error, again) {
  const note = element("div", { class: "note problem", role: "alert" },
    element("p", {}, sentence(error.message)));
  if (!again || FAULTY.has(error.status)) return note;
  const button = element("button", { class: "plain", type: "button" }, "Try again");
  button.addEventListener("click", () => {
    clearInterval(clock);
    again();
  });
  const when = element("span", { class: "soft" });
  let clock;
  if (error.retryAfter) clock = countDown(error.retryAfter, when);
  note.append(element("p", { class: "note-row" }, button, when));
  return note;
}

function countDown(seconds, when) {
  const until = Date.now() + seconds * 1000;
  const tell = () => {
    const left = Math.ceil((until - Date.now()) / 1000);
    when.textContent = left > 0 ? `in ${inTime(left)}` : "now";
    if (left <= 0) clearInterval(clock);
  };
  // The alert is read out as it appears; the count after that is for the eye only.
  when.setAttribute("aria-live", "off");
  const clock = setInterval(tell, 1000);
  tell();
  return clock;
}

function inTime(seconds) {
  if (seconds < 90) return `${seconds} second${seconds === 1 ? "" : "s"}`;
  return `${Math.ceil(seconds / 60)} minutes`;
}

function sentence(text) {
  return /[.!?…]$/.test(text) ? text : `${text}.`;
}
