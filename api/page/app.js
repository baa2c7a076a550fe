// The page: its views, what they share, and the keys that work everywhere.

import { ArticlePane } from "./article.js";
import { AskView } from "./ask.js";
import { CheckView } from "./check.js";
import { Client } from "./client.js";
import { byId, element, isolated } from "./element.js";
import { SourceFilter } from "./filter.js";
import { Keys } from "./keys.js";
import { LibraryView } from "./library.js";
import { problemNote } from "./problem.js";
import { hide as hideQuote } from "./quote-card.js";
import { counted, figure } from "./words.js";

const VIEWS = ["ask", "check", "library"];
const SHOWN = 6; // articles that the first screen names

const client = new Client(new Keys());
const pane = new ArticlePane(client);
const filter = new SourceFilter();
const ask = new AskView(client, filter, openQuote);
const check = new CheckView(client, openQuote);
const library = new LibraryView(client, {
  changed: (articles) => {
    filter.articles(articles);
    welcome(articles);
    count(articles);
  },
  failed: (error) => {
    byId("welcome-lead").textContent = "";
    byId("welcome-more").replaceChildren(problemNote(error, () => library.load()));
  },
  read: (article, opener) => pane.open(article.source, [], null, opener),
  askOnly: (article) => {
    filter.only(article.source);
    location.hash = "ask";
  },
});

function openQuote(citation, all, opener) {
  const here = all.filter((other) => other.source === citation.source);
  pane.open(citation.source, here, citation, opener);
}

function welcome(articles) {
  const empty = articles.length === 0;
  byId("welcome-lead").textContent = empty
    ? "The library is empty. Give it articles, then ask: every sentence of an answer comes with "
      + "the exact quote it rests on, and what the articles do not say is not answered."
    : "Every sentence of an answer comes with the exact quote it rests on. What the articles do "
      + "not say is not answered.";
  byId("welcome-more").replaceChildren(...(empty ? firstSteps() : someArticles(articles)));
}

function firstSteps() {
  return [element("p", { class: "choices" },
    element("button", { class: "main", type: "button", click: () => byId("choose-files").click() }, "Choose files"),
    element("span", { class: "soft" }, "or drop files or a folder anywhere on this page"))];
}

function someArticles(articles) {
  const more = articles.length - SHOWN;
  return [element("h2", { class: "small-heading" }, "In the library"),
    element("ul", { class: "shelf" },
      ...articles.slice(0, SHOWN).map((article) => {
        const read = element("button", {
          class: "text-link", type: "button", click: () => pane.open(article.source, [], null, read),
        }, isolated(article.title));
        return element("li", {}, read);
      }),
      more > 0 ? element("li", {}, element("a", { href: "#library" }, `${counted(more, "more article")}`)) : null)];
}

function count(articles) {
  const badge = byId("article-count");
  badge.hidden = false;
  badge.replaceChildren(figure(articles.length), element("span", { class: "unseen" },
    articles.length === 1 ? " article" : " articles"));
}

function show() {
  const named = location.hash.slice(1);
  if (named && !VIEWS.includes(named)) return; // a place in the page
  const view = named || "ask";
  for (const name of VIEWS) {
    byId(`view-${name}`).hidden = name !== view;
    const link = document.querySelector(`nav [data-view=${name}]`);
    if (name === view) link.setAttribute("aria-current", "page");
    else link.removeAttribute("aria-current");
  }
  document.title = { ask: "Citewell", check: "Check a draft · Citewell", library: "Library · Citewell" }[view];
  if (view === "ask" && matchMedia("(hover: hover)").matches) ask.focus();
}

function onKey(event) {
  const typing = event.target.closest("input, textarea, select, dialog, [contenteditable]");
  if (event.key === "/" && !typing && !event.ctrlKey && !event.metaKey && !event.altKey) {
    event.preventDefault();
    location.hash = "ask";
    if (!byId("main").inert) ask.focus();
  }
  if (event.key !== "Escape" || event.defaultPrevented || event.target.closest("dialog, [popover]")) return;
  if (hideQuote()) return;
  if (pane.isOpen && pane.hasFocus) pane.close();
  else if (!ask.stop() && !check.stop() && pane.isOpen) pane.close();
}

// Files may be dropped anywhere; the library shows what becomes of them.
function takeDrops() {
  const carriesFiles = (event) => event.dataTransfer?.types.includes("Files");
  let inside = 0;
  const lit = (by) => {
    inside = Math.max(0, inside + by);
    document.body.classList.toggle("dragging", inside > 0);
  };
  addEventListener("dragenter", (event) => carriesFiles(event) && lit(1));
  addEventListener("dragleave", (event) => carriesFiles(event) && lit(-1));
  addEventListener("dragover", (event) => carriesFiles(event) && event.preventDefault());
  addEventListener("drop", (event) => {
    if (!carriesFiles(event)) return;
    event.preventDefault();
    lit(-inside);
    location.hash = "library";
    library.take(event.dataTransfer);
  });
}

// Choosing files from the first screen leads to where their progress is shown.
for (const input of ["file-input", "folder-input"]) {
  byId(input).addEventListener("change", () => { location.hash = "library"; });
}
addEventListener("hashchange", show);
addEventListener("keydown", onKey);
takeDrops();
show();
library.load();
