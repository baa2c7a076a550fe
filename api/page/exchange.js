// One question and its answer, from the first event of the stream to the last.

import { chip, sourceLine } from "./citations.js";
import { copyButton } from "./copying.js";
import { announce, element, isolated } from "./element.js";
import { problemNote } from "./problem.js";
import { confidenceWords, counted } from "./words.js";

const NEAREST = 3; // passages that a refusal shows

/** An answer as it grows; `openQuote(citation, all, opener)` opens the article beside it. */
export class Exchange {
  #citations = new Map(); // by id, from the claims as they come and from the whole answer
  #claims = element("div", { class: "claims", "aria-live": "polite" });
  #stage = element("p", { class: "stage" }, "Searching the articles");
  #below = element("div", { class: "below" });
  #near = []; // the best passages, as citations without a number

  constructor(question, openQuote) {
    this.question = question;
    this.answer = null;
    this.openQuote = openQuote;
    this.root = element("article", { class: "exchange" },
      element("h2", { class: "asked" }, isolated(question)),
      this.#claims, this.#stage, this.#below);
  }

  /** Take one event of the stream. */
  take({ event, data }) {
    if (event === "passages") this.#passages(data.passages);
    if (event === "claim") this.#claim(data.claim, data.citations);
    if (event === "answer") this.#whole(data);
  }

  /** The stream ended with an error; what was released stands. `again` asks once more. */
  failed(error, again) {
    this.#ended();
    if (this.#claims.childElementCount) this.#keepsWhatStands();
    this.#below.append(problemNote(error, again));
  }

  /** The user stopped it. */
  stopped(again) {
    this.#ended();
    const said = this.#claims.childElementCount
      ? "Stopped. The sentences above were verified before that."
      : "Stopped before a sentence was verified.";
    this.#below.append(element("div", { class: "note" }, element("p", {}, said),
      element("p", { class: "note-row" },
        element("button", { class: "plain", type: "button", click: again }, "Ask again"))));
    announce(said);
  }

  #passages(passages) {
    this.#near = passages.slice(0, NEAREST).map((passage) => ({ ...passage, id: 0, quote: passage.text }));
    const articles = new Set(passages.map((passage) => passage.source)).size;
    this.#say(passages.length
      ? `Reading ${counted(passages.length, "passage")} of ${counted(articles, "article")}`
      : "No passage comes near it");
  }

  #claim(claim, citations) {
    for (const citation of citations) this.#citations.set(citation.id, citation);
    const cited = claim.citations.map((id) => this.#citations.get(id)).filter(Boolean);
    this.#claims.append(element("p", { class: "claim" }, isolated(claim.text), "\u2060",
      element("span", { class: "chips" },
        ...cited.map((citation) => chip(citation, (...at) => this.#open(...at))))));
  }

  #whole(answer) {
    this.answer = answer;
    this.#ended();
    for (const citation of answer.citations) this.#citations.set(citation.id, citation);
    // The whole answer is the word that counts; claims already shown stay where they are.
    if (this.#claims.childElementCount !== answer.claims.length) {
      this.#claims.replaceChildren();
      for (const claim of answer.claims) this.#claim(claim, []);
    }
    const refused = answer.status === "refused";
    if (answer.standalone_question !== answer.question) {
      this.#claims.before(element("p", { class: "understood" },
        "Understood as: ", isolated(answer.standalone_question)));
    }
    if (refused) this.#claims.append(element("p", { class: "refusal" }, isolated(answer.answer)));
    this.#below.append(...[
      refused ? null : sources(answer, (...at) => this.#open(...at)),
      degraded(answer), about(answer), dropped(answer),
      refused ? nearest(this.#near, (citation, opener) => this.openQuote(citation, [citation], opener)) : null,
    ].filter(Boolean));
    announce(refused ? "No answer in the articles."
      : `Answer done: ${counted(answer.claims.length, "sentence")}, ${counted(answer.citations.length, "quote")}.`);
  }

  #open(citation, opener) {
    this.openQuote(citation, [...this.#citations.values()], opener);
  }

  #say(stage) {
    this.#stage.textContent = stage;
    announce(stage);
  }

  #keepsWhatStands() {
    this.#below.append(element("p", { class: "soft" }, "The sentences above were verified before that."));
  }

  #ended() {
    this.#stage.remove();
  }
}

function sources(answer, open) {
  return element("ol", { class: "source-lines", "aria-label": "Quotes" },
    ...answer.citations.map((citation) => element("li", {}, sourceLine(citation, open))));
}

function degraded(answer) {
  if (!answer.degraded) return null;
  return element("p", { class: "note" }, element("strong", {}, "A lesser way answered. "),
    isolated(answer.degraded));
}

function about(answer) {
  const refused = answer.status === "refused";
  const { sure, promise, hundred } = confidenceWords(answer.confidence, refused);
  const filled = element("span", { class: "gauge-filled" });
  filled.style.width = `${hundred}%`;
  const parts = [
    element("p", { class: "confidence" },
      element("span", { class: "gauge", "aria-hidden": "true" }, filled),
      element("span", {}, element("strong", {}, `${sure}, ${hundred} %`), element("span", { class: "soft" }, `: ${promise}`)))];
  const tail = [
    refused ? null : writer(answer.model),
    element("span", { class: "soft" }, `${(answer.timings_ms.total / 1000).toFixed(1)} s`),
    refused ? null : copyButton("Copy with quotes", "quiet", () => inText(answer)),
  ];
  return element("div", { class: "about" }, ...parts, element("p", { class: "tail" }, ...tail));
}

function writer(model) {
  if (model !== "extractive") return element("span", { class: "tag" }, "Written by ", isolated(model));
  return element("span", { class: "soft" }, element("span", { class: "tag" }, "Quotes only"),
    " the articles' own sentences, no language model");
}

// A refusal can be checked as well: here is the best that there was.
function nearest(passages, open) {
  if (!passages.length) return null;
  return element("details", { class: "near" }, element("summary", {}, "What came nearest"),
    ...passages.map((passage) => sourceLine(passage, open, { numbered: false, quoted: true })));
}

/** The answer and its quotes as plain text. */
function inText(answer) {
  const notes = answer.citations.map((citation) =>
    `[${citation.id}] “${citation.quote}” ${citation.title}${citation.date ? `, ${citation.date}` : ""}`
    + ` (${citation.source}, line ${citation.line}, characters ${citation.start}–${citation.end})`);
  return [answer.question, answer.answer, notes.join("\n")].join("\n\n");
}

function dropped(answer) {
  if (!answer.dropped.length) return null;
  const count = answer.dropped.length;
  return element("details", { class: "dropped" },
    element("summary", {}, `${counted(count, "sentence")} left out: the articles do not bear ${count === 1 ? "it" : "them"} out`),
    element("ul", {}, ...answer.dropped.map((sentence) => element("li", {},
      element("p", { class: "dropped-text" }, isolated(sentence.text)),
      element("p", { class: "soft" }, isolated(sentence.reason))))));
}
