// The view of the library: its articles, uploads and removals.

import { chosen, dropped } from "./dropped-files.js";
import { announce, byId, element, isolated } from "./element.js";
import { problemNote } from "./problem.js";
import { Uploads } from "./uploads.js";
import { counted, day } from "./words.js";

const SEARCHED = 8; // articles from which on the list has a search field

/** The list; `actions` are `{changed(articles), read(article, opener), askOnly(article)}`. */
export class LibraryView {
  #list = byId("library-list");
  #articles = [];
  #wanted = "";

  constructor(client, actions) {
    this.client = client;
    this.actions = actions;
    this.uploads = new Uploads(client, () => this.load());
    this.#offer("choose-files", "file-input");
    this.#offer("choose-folder", "folder-input");
    byId("choose-folder").hidden = !("webkitdirectory" in HTMLInputElement.prototype);
  }

  /** Get the articles anew, and show them. */
  async load() {
    try {
      this.#articles = await this.client.sources();
    } catch (error) {
      this.#list.replaceChildren(problemNote(error, () => this.load()));
      this.actions.failed(error);
      return;
    }
    this.#show();
    this.actions.changed(this.#articles);
  }

  /** Take the files that a drop brings. */
  async take(transfer) {
    try {
      this.uploads.add(await dropped(transfer));
    } catch {
      this.uploads.say("What was dropped cannot be read: choose it with the buttons");
    }
  }

  #offer(button, input) {
    byId(button).addEventListener("click", () => byId(input).click());
    byId(input).addEventListener("change", () => {
      this.uploads.add(chosen(byId(input)));
      byId(input).value = "";
    });
  }

  #show() {
    if (!this.#articles.length) {
      this.#list.replaceChildren(element("p", { class: "soft empty" },
        "Nothing here yet. One article a file; what cannot be read says why."));
      return;
    }
    const rows = element("ul", { class: "article-rows", "aria-label": "Articles" });
    const search = element("input", {
      type: "search", placeholder: "Find an article", "aria-label": "Find an article", value: this.#wanted,
      input: () => {
        this.#wanted = search.value;
        this.#fill(rows);
      },
    });
    this.#list.replaceChildren(
      element("div", { class: "list-head" }, element("h2", {}, counted(this.#articles.length, "article")),
        ...(this.#articles.length > SEARCHED ? [search] : [])), rows);
    this.#fill(rows);
  }

  #fill(rows) {
    const words = this.#articles.length > SEARCHED ? this.#wanted.toLowerCase() : "";
    const shown = this.#articles.filter((article) =>
      `${article.title}\n${article.source}`.toLowerCase().includes(words));
    rows.replaceChildren(...shown.map((article) => this.#row(article)));
    if (!shown.length) rows.append(element("li", { class: "soft" }, "None is called that."));
  }

  #row(article) {
    const facts = [article.date && day(article.date), counted(article.characters, "character")];
    const read = element("button", {
      class: "row-title", type: "button", click: () => this.actions.read(article, read),
    }, isolated(article.title));
    const actions = element("div", { class: "row-actions" });
    const row = element("li", { "data-source": article.source }, element("div", { class: "row-facts" }, read,
      element("p", { class: "soft" }, isolated(article.source), ...facts.filter(Boolean).map((fact) => ` · ${fact}`))),
    actions);
    this.#offerActions(article, row, actions);
    return row;
  }

  #offerActions(article, row, actions) {
    const remove = element("button", {
      class: "quiet", type: "button", "aria-label": `Remove ${article.title}`,
      click: () => this.#confirm(article, row, actions),
    }, "Remove");
    actions.replaceChildren(
      element("button", {
        class: "quiet", type: "button", "aria-label": `Ask only ${article.title}`,
        click: () => this.actions.askOnly(article),
      }, "Ask only this"), remove);
    row.classList.remove("confirming");
    return remove;
  }

  #confirm(article, row, actions) {
    const keep = () => this.#offerActions(article, row, actions).focus();
    const sure = element("button", { class: "plain danger", type: "button", click: () => this.#remove(article, row, actions) },
      "Remove it");
    row.classList.add("confirming");
    actions.replaceChildren(
      element("span", { class: "sure" }, "Remove it from the library?"), sure,
      element("button", { class: "plain", type: "button", click: keep }, "Keep it"));
    actions.onkeydown = (event) => {
      if (event.key !== "Escape" || !row.classList.contains("confirming")) return;
      event.stopPropagation();
      keep();
    };
    sure.focus();
  }

  async #remove(article, row, actions) {
    const next = (row.nextElementSibling ?? row.previousElementSibling)?.dataset.source;
    for (const button of actions.querySelectorAll("button")) button.disabled = true;
    try {
      await this.client.remove(article.source);
    } catch (error) {
      this.#offerActions(article, row, actions);
      actions.append(problemNote(error));
      return;
    }
    announce(`${article.title} is removed`);
    await this.load();
    const rows = [...this.#list.querySelectorAll("li[data-source]")];
    (rows.find((other) => other.dataset.source === next)?.querySelector("button") ?? byId("choose-files")).focus();
  }
}
