// Which articles are asked: all, or those that are ticked.

import { byId, element, isolated } from "./element.js";
import { place } from "./placement.js";
import { counted } from "./words.js";

const SEARCHED = 8; // articles from which on the list has a search field
const MOST = 100; // globs that the service takes with a question

/** The button below the question and the list that it opens. */
export class SourceFilter {
  #button = byId("filter-button");
  #panel = byId("filter-panel");
  #articles = [];
  #chosen = new Set();

  constructor() {
    this.#button.addEventListener("click", () => this.#panel.togglePopover());
    this.#panel.addEventListener("toggle", (event) => {
      this.#button.setAttribute("aria-expanded", event.newState === "open");
      if (event.newState === "open") this.#fill();
    });
    this.#panel.addEventListener("keydown", (event) => {
      if (event.key === "Escape") this.#button.focus();
    });
  }

  /** The library's articles now; what left it is no longer chosen. */
  articles(articles) {
    this.#articles = articles;
    const there = new Set(articles.map((article) => article.source));
    this.#chosen = new Set([...this.#chosen].filter((source) => there.has(source)));
    this.#show();
  }

  /** Ask only this article. */
  only(source) {
    this.#chosen = new Set([source]);
    this.#show();
  }

  /** The globs that name the chosen articles; none: all articles. */
  globs() {
    return [...this.#chosen].map((source) => source.replace(/[[*?]/g, "[$&]"));
  }

  #show() {
    this.#button.hidden = this.#articles.length < 2;
    const chosen = this.#chosen.size;
    const [only] = this.#articles.filter((article) => this.#chosen.has(article.source));
    this.#button.replaceChildren(
      ...(chosen === 1 ? ["Only ", isolated(only.title)]
        : [chosen ? `${chosen} of ${counted(this.#articles.length, "article")}`
          : `All ${counted(this.#articles.length, "article")}`]));
    this.#button.classList.toggle("some", chosen > 0);
  }

  #fill() {
    const list = element("ul", { class: "choices-list" });
    const all = element("button", { class: "plain", type: "button", click: () => {
      this.#chosen.clear();
      this.#fill();
      this.#show();
    } }, "Ask all");
    const search = element("input", {
      type: "search", placeholder: "Find an article", "aria-label": "Find an article",
      input: () => this.#list(list, search.value),
    });
    this.#panel.replaceChildren(
      element("div", { class: "panel-head" }, element("h2", {}, "Articles to ask"), all),
      ...(this.#articles.length > SEARCHED ? [search] : []),
      element("p", { class: "panel-note", role: "alert" }), list);
    this.#list(list, "");
    place(this.#panel, this.#button, { centred: false });
    (this.#panel.querySelector("input") ?? all).focus();
  }

  #list(list, wanted) {
    const words = wanted.toLowerCase();
    const shown = this.#articles.filter((article) =>
      `${article.title}\n${article.source}`.toLowerCase().includes(words));
    list.replaceChildren(...shown.map((article) => {
      const box = element("input", {
        type: "checkbox",
        change: () => this.#choose(article.source, box),
      });
      box.checked = this.#chosen.has(article.source);
      return element("li", {}, element("label", {}, box, element("span", {},
        isolated(article.title), element("span", { class: "soft" }, isolated(article.source)))));
    }));
  }

  #choose(source, box) {
    const full = box.checked && this.#chosen.size === MOST;
    this.#panel.querySelector(".panel-note").textContent = full
      ? `${MOST} articles at most can be named: ask all, or leave some out.` : "";
    if (full) {
      box.checked = false;
      return;
    }
    if (box.checked) this.#chosen.add(source);
    else this.#chosen.delete(source);
    this.#show();
  }
}
