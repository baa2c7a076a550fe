// An article beside the answer: its text to the letter, line by line, and the quotes marked in it.

import { copyButton } from "./copying.js";
import { byId, element, isolated } from "./element.js";
import { isStop, problemNote } from "./problem.js";
import { lines, located } from "./segments.js";
import { counted, day, figure } from "./words.js";

const NARROW = matchMedia("(max-width: 60rem)");
const CALM = matchMedia("(prefers-reduced-motion: reduce)");

/** The pane that shows one article. */
export class ArticlePane {
  #pane = byId("article");
  #opener = null; // gets the focus back
  #loading = null;
  #spans = [];
  #at = -1;

  constructor(client) {
    this.client = client;
    NARROW.addEventListener("change", () => this.#coverOrStandBeside());
    addEventListener("popstate", () => this.isOpen && NARROW.matches && !history.state?.article && this.#hide());
    this.#pane.addEventListener("keydown", (event) => {
      if (event.ctrlKey || event.metaKey || event.altKey) return;
      if (event.key === "n") this.#step(1);
      if (event.key === "p") this.#step(-1);
    });
  }

  get isOpen() {
    return !this.#pane.hidden;
  }

  get hasFocus() {
    return this.#pane.contains(document.activeElement);
  }

  /** Open `source` with the quotes that an answer takes from it, at `current` of them if any. */
  async open(source, quotes, current, opener) {
    this.#loading?.abort();
    const loading = new AbortController();
    this.#loading = loading;
    this.#mark(opener);
    this.#pane.hidden = false;
    document.body.classList.add("reading");
    this.#coverOrStandBeside();
    // Where it covers the page, going back uncovers it.
    if (NARROW.matches && !history.state?.article) history.pushState({ article: true }, "");
    this.#frame(source, null, element("p", { class: "stage" }, "Opening the article"));
    try {
      const [facts, text] = await Promise.all([
        this.client.facts(source, loading.signal), this.client.text(source, loading.signal)]);
      if (loading.signal.aborted) return;
      this.#show(facts, text, [...quotes].sort((one, other) => one.start - other.start), current);
    } catch (error) {
      if (isStop(error)) return;
      this.#frame(source, null, problemNote(error, () => this.open(source, quotes, current, opener)));
    }
  }

  close() {
    this.#hide();
    if (history.state?.article) history.back();
  }

  #hide() {
    this.#loading?.abort();
    const opener = this.#opener;
    this.#mark(null);
    this.#pane.hidden = true;
    this.#pane.replaceChildren();
    document.body.classList.remove("reading");
    this.#coverOrStandBeside();
    if (opener?.isConnected) opener.focus();
    else byId("main").focus();
  }

  #show(facts, text, quotes, current) {
    this.#spans = located(text, quotes);
    const marked = this.#spans.filter((span) => span.exact);
    const body = element("div", { class: "article-text", tabindex: "0", role: "region", "aria-label": "Text of the article" },
      ...lines(text, marked).map(line));
    this.#frame(facts.source, facts, quotes.length ? this.#stepper() : null, body);
    this.#at = Math.max(0, quotes.findIndex((quote) => quote.id === current?.id));
    if (quotes.length) this.#goTo(this.#at);
  }

  #frame(source, facts, ...content) {
    const title = element("h2", { id: "article-title", tabindex: "-1" }, isolated(facts?.title ?? source));
    const known = facts && [facts.date && day(facts.date), counted(facts.characters, "character")];
    this.#pane.replaceChildren(
      element("header", { class: "article-head" }, title,
        element("button", { class: "close", type: "button", "aria-label": "Close the article", title: "Close (Esc)", click: () => this.close() }, "✕"),
        element("p", { class: "soft article-facts" },
          isolated(source), ...(known ?? []).filter(Boolean).map((fact) => ` · ${fact}`))),
      ...content.filter(Boolean));
    title.focus({ preventScroll: true });
  }

  #stepper() {
    const step = (by, name, sign) => element("button", {
      class: "step", type: "button", "aria-label": name, title: `${name} (${by > 0 ? "n" : "p"})`, click: () => this.#step(by),
    }, sign);
    const several = this.#spans.length > 1;
    return element("div", { class: "stepper", role: "group", "aria-label": "Quotes of the answer in this article" },
      several ? step(-1, "Previous quote", "↑") : null,
      several ? step(1, "Next quote", "↓") : null,
      element("p", { class: "where", role: "status" }),
      copyButton("Copy quote", "plain copy", () => this.#spans[this.#at].quote.quote));
  }

  #step(by) {
    const count = this.#spans.length;
    if (count > 1) this.#goTo((this.#at + by + count) % count);
  }

  #goTo(at) {
    this.#at = at;
    const span = this.#spans[at];
    const { quote, exact } = span;
    const which = this.#spans.length > 1 ? `Quote ${at + 1} of ${this.#spans.length} · line` : "Line";
    const where = this.#pane.querySelector(".where");
    where.replaceChildren(
      element("strong", {}, `${which} ${figure(quote.line)}`),
      element("span", { class: "soft" }, exact
        ? `characters ${figure(quote.start)}–${figure(quote.end)}, exact`
        : "no longer in the article as it was quoted: the article has changed since"));
    where.classList.toggle("changed", !exact);
    const marks = [...this.#pane.querySelectorAll("mark")];
    for (const mark of marks) {
      mark.classList.toggle("current", exact && mark.dataset.quotes.split(" ").includes(String(quote.id)));
    }
    this.#pane.querySelector("mark.current")
      ?.scrollIntoView({ block: "center", behavior: CALM.matches ? "auto" : "smooth" });
  }

  // What opened the pane is marked as such, and gets the focus back.
  #mark(opener) {
    this.#opener?.classList.remove("opened");
    this.#opener = opener;
    opener?.classList.add("opened");
  }

  // On a narrow screen the article covers the page, which is then out of reach.
  #coverOrStandBeside() {
    const covers = this.isOpen && NARROW.matches;
    for (const covered of [document.querySelector(".top"), byId("main")]) covered.inert = covers;
  }
}

function line(found, at) {
  return element("div", { class: "line", "data-line": at + 1, dir: "auto" },
    ...found.map(({ text, spans }) => spans.length
      ? element("mark", { "data-quotes": spans.map((span) => span.quote.id).join(" ") }, text)
      : text));
}
