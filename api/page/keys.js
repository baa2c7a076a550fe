// The bearer key: asked for when the service wants one, kept in this tab's session only.

import { byId } from "./element.js";

const KEPT = "citewell-key";
const SENDABLE = /^[!-~]+$/; // what a header can hold

/** The key in use, and the dialog that asks for it. */
export class Keys {
  #dialog = byId("key-dialog");
  #field = byId("key-field");
  #asking = null;

  constructor() {
    byId("key-button").addEventListener("click", () => this.#ask(""));
    byId("key-forget").addEventListener("click", () => {
      this.#keep("");
      this.#dialog.close("forget");
    });
    // No submit button but the one that uses the key: Enter presses the first there is.
    byId("key-cancel").addEventListener("click", () => this.#dialog.close("cancel"));
    this.#show();
  }

  get current() {
    return sessionStorage.getItem(KEPT) ?? "";
  }

  /**
   * After the service refused `refused`: whether there is another key to try now. Asks the user,
   * once for all requests that wait.
   */
  async replace(refused) {
    if (this.current !== refused) return true;
    this.#asking ??= this.#ask(refused && "That key was not accepted. See that it is whole.");
    try {
      return await this.#asking;
    } finally {
      this.#asking = null;
    }
  }

  #ask(said) {
    byId("key-refused").textContent = said;
    byId("key-refused").hidden = !said;
    byId("key-forget").hidden = !this.current;
    this.#field.value = "";
    this.#dialog.returnValue = "cancel";
    this.#dialog.showModal();
    this.#field.focus();
    return new Promise((resolve) => {
      this.#dialog.addEventListener("close", () => {
        const given = this.#dialog.returnValue === "use" && this.#field.value.trim();
        if (given && !SENDABLE.test(given)) {
          resolve(this.#ask("That is no key: a key has only plain letters, digits and signs."));
          return;
        }
        if (given) this.#keep(given);
        this.#field.value = "";
        resolve(Boolean(given));
      }, { once: true });
    });
  }

  #keep(key) {
    if (key) sessionStorage.setItem(KEPT, key);
    else sessionStorage.removeItem(KEPT);
    this.#show();
  }

  #show() {
    byId("key-button").hidden = !this.current;
  }
}
