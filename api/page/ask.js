// The view that asks: the question, the conversation above it, and the answer that runs.

import { announce, byId, element } from "./element.js";
import { Exchange } from "./exchange.js";
import { isStop } from "./problem.js";

const REMEMBERED = 20; // turns sent along with a question

/** The conversation and the box below it. */
export class AskView {
  #form = byId("ask-form");
  #field = byId("question");
  #conversation = byId("conversation");
  #running = null; // the AbortController of the answer under way
  #turns = [];

  constructor(client, filter, openQuote) {
    this.client = client;
    this.filter = filter;
    this.openQuote = openQuote;
    this.#form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.#submit();
    });
    this.#field.addEventListener("keydown", (event) => {
      if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
      event.preventDefault();
      this.#submit();
    });
    byId("stop-button").addEventListener("click", () => this.stop());
    byId("new-conversation").addEventListener("click", () => this.#begin());
  }

  focus() {
    this.#field.focus();
  }

  /** Stop the answer under way; whether there was one. */
  stop() {
    this.#running?.abort();
    return Boolean(this.#running);
  }

  #submit() {
    const question = this.#field.value.trim();
    if (!question || this.#running) return;
    this.#field.value = "";
    byId("welcome").hidden = true;
    this.#ask(question, this.filter.globs());
  }

  async #ask(question, sources, retried = null) {
    if (this.#running) return;
    this.#running = new AbortController();
    const exchange = new Exchange(question, this.openQuote);
    if (retried) retried.root.replaceWith(exchange.root);
    else this.#conversation.append(exchange.root);
    this.#show();
    exchange.root.scrollIntoView({ block: "start" });
    if (retried) this.focus();
    const again = () => this.#ask(question, sources, exchange);
    try {
      const asked = { question, sources, conversation: this.#turns.slice(-REMEMBERED) };
      for await (const event of this.client.ask(asked, this.#running.signal)) exchange.take(event);
      this.#turns.push(
        { role: "user", content: question }, { role: "assistant", content: exchange.answer.answer });
    } catch (error) {
      if (isStop(error)) exchange.stopped(again);
      else this.#failed(error, exchange, again);
    } finally {
      this.#running = null;
      this.#show();
    }
  }

  // A question that cannot be asked as it is goes back to where it can be mended.
  #failed(error, exchange, again) {
    exchange.failed(error, again);
    if (error.status === 400 || error.status === 422) this.#field.value ||= exchange.question;
    exchange.root.scrollIntoView({ block: "end" });
  }

  #begin() {
    this.#turns = [];
    this.#conversation.append(element("p", { class: "divider" },
      "New conversation. What stands above is not sent along."));
    this.#show();
    this.#conversation.lastChild.scrollIntoView({ block: "center" });
    announce("New conversation");
    this.focus();
  }

  #show() {
    const running = Boolean(this.#running);
    byId("ask-button").hidden = running;
    byId("stop-button").hidden = !running;
    byId("new-conversation").hidden = running || this.#turns.length === 0;
    this.#conversation.setAttribute("aria-busy", running);
  }
}
