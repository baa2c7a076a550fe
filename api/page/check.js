// The view that checks a draft: each sentence with the quote that bears it out, or without one.

import { chip, sourceLine } from "./citations.js";
import { announce, byId, element, isolated } from "./element.js";
import { isStop, problemNote } from "./problem.js";
import { counted } from "./words.js";

/** The draft and what became of its sentences; `openQuote(citation, all, opener)` opens articles. */
export class CheckView {
  #form = byId("check-form");
  #field = byId("draft");
  #results = byId("check-results");
  #running = null;

  constructor(client, openQuote) {
    this.client = client;
    this.openQuote = openQuote;
    this.#form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.#check();
    });
    this.#field.addEventListener("keydown", (event) => {
      if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) this.#check();
    });
    byId("check-stop").addEventListener("click", () => this.stop());
  }

  /** Stop the check under way; whether there was one. */
  stop() {
    this.#running?.abort();
    return Boolean(this.#running);
  }

  async #check() {
    const text = this.#field.value;
    if (!text.trim() || this.#running) return;
    this.#running = new AbortController();
    this.#runs(true);
    this.#results.replaceChildren(element("p", { class: "stage" }, "Holding each sentence against the library"));
    announce("Checking");
    try {
      this.#show(await this.client.check(text, this.#running.signal));
    } catch (error) {
      this.#results.replaceChildren(isStop(error)
        ? element("p", { class: "soft" }, "Stopped.")
        : problemNote(error, () => this.#check()));
    } finally {
      this.#running = null;
      this.#runs(false);
    }
  }

  #runs(running) {
    byId("check-button").hidden = running;
    byId("check-stop").hidden = !running;
    this.#results.setAttribute("aria-busy", running);
  }

  #show(checks) {
    // The quotes that support the draft are numbered through it.
    let last = 0;
    const numbered = checks.map((check) => ({
      ...check,
      citations: check.citations.map((citation) =>
        ({ ...citation, id: check.supported ? (last += 1) : citation.id })),
    }));
    const all = numbered.filter((check) => check.supported).flatMap((check) => check.citations);
    const list = element("ol", { class: "checks" }, ...numbered.map((check) => check.supported
      ? supported(check, (citation, opener) => this.openQuote(citation, all, opener))
      : unsupported(check, (citation, opener) => this.openQuote(citation, [citation], opener))));
    this.#results.replaceChildren(summary(checks, list), list);
    this.#results.querySelector(".check-summary").focus({ preventScroll: true });
    this.#results.scrollIntoView({ block: "start" });
  }
}

function summary(checks, list) {
  const borne = checks.filter((check) => check.supported).length;
  const open = checks.length - borne;
  const said = open === 0 ? `All ${counted(checks.length, "sentence")} supported`
    : `${borne} of ${counted(checks.length, "sentence")} supported`;
  announce(said);
  const only = element("input", {
    type: "checkbox", change: () => list.classList.toggle("only-open", only.checked),
  });
  return element("div", { class: "check-head" },
    element("h2", { class: "check-summary", tabindex: "-1" }, open === 0 && checks.length === 1 ? "The sentence is supported" : said),
    element("div", { class: "strip", "aria-hidden": "true" },
      ...checks.map((check) => element("span", { class: check.supported ? "yes" : "no" }))),
    open && borne ? element("label", { class: "only" }, only, `Show only the ${open} without support`) : null);
}

function supported(check, open) {
  return element("li", { class: "check yes" },
    element("p", { class: "check-claim" },
      element("span", { class: "verdict" }, element("span", { class: "sign", "aria-hidden": "true" }, "✓"), "Supported"),
      element("span", { class: "marked" }, isolated(check.claim)), "\u2060",
      element("span", { class: "chips" }, ...check.citations.map((citation) => chip(citation, open)))),
    ...check.citations.map((citation) => sourceLine(citation, open, { quoted: true })));
}

function unsupported(check, open) {
  const [nearest, ...others] = check.citations;
  return element("li", { class: "check no" },
    element("p", { class: "check-claim" },
      element("span", { class: "verdict" }, element("span", { class: "sign", "aria-hidden": "true" }, "✕"), "Not supported"),
      isolated(check.claim)),
    nearest ? element("p", { class: "nearest soft" }, "What comes nearest") : null,
    nearest ? sourceLine(nearest, open, { numbered: false, quoted: true }) : null,
    others.length ? element("details", {},
      element("summary", {}, counted(others.length, "more passage")),
      ...others.map((citation) => sourceLine(citation, open, { numbered: false, quoted: true }))) : null);
}
