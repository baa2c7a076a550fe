// Files on their way into the library: one after the other, each with its progress or its error.

import { announce, byId, element, isolated } from "./element.js";
import { counted } from "./words.js";

const PATIENCE = 5; // times that a busy service is asked again for one file

/** Sends files in turn; `changed` is called when the library may have changed. */
export class Uploads {
  #section = byId("uploads");
  #heading = element("h2", {});
  #rows = element("ul", { class: "upload-rows" });
  #again = element("button", { class: "plain", type: "button", click: () => this.#retry() }, "Try the failed ones again");
  #clear = element("button", { class: "quiet", type: "button", click: () => this.#dismiss() }, "Clear");
  #stop = element("button", { class: "quiet", type: "button", click: () => this.#halt("Not sent: you stopped it") }, "Stop");
  #waiting = [];
  #all = [];
  #busy = false;

  constructor(client, changed) {
    this.client = client;
    this.changed = changed;
    this.#section.append(
      element("div", { class: "uploads-head" }, this.#heading, this.#again, this.#stop, this.#clear), this.#rows);
    addEventListener("beforeunload", (event) => this.#busy && event.preventDefault());
  }

  /** Add `{name, file}`s to what is to be sent, and see that it is. */
  add(files) {
    if (!files.length) {
      this.say("No file to upload there: hidden ones are left out");
      return;
    }
    for (const { name, file } of files) {
      const upload = new Upload(name, file);
      this.#rows.append(upload.row);
      this.#all.push(upload);
      this.#waiting.push(upload);
    }
    this.#section.hidden = false;
    if (!this.#busy) this.#run();
  }

  /** Say why nothing is sent. */
  say(reason) {
    announce(reason);
    if (this.#busy) return;
    this.#show();
    this.#heading.textContent = reason;
    this.#section.hidden = false;
  }

  async #run() {
    this.#busy = true;
    let open = true;
    for (let sent = 1; open && this.#waiting.length; sent += 1) {
      this.#show();
      open = await this.#send(this.#waiting.shift());
      if (open && sent % 10 === 0) this.changed();
    }
    if (!open) this.#halt("Not sent: no key was given");
    this.#busy = false;
    this.#show();
    announce(this.#heading.textContent);
    if (open) this.changed(); // else it would ask for the key again
  }

  // Whether others may follow: they need a key too.
  async #send(upload) {
    upload.row.scrollIntoView({ block: "nearest" });
    for (let tries = 1; ; tries += 1) {
      upload.say("sending", "Sending");
      try {
        const isNew = await this.client.put(upload.name, upload.file, (share) => upload.progress(share));
        upload.say("done", isNew ? "Added" : "Brought up to date");
        return true;
      } catch (error) {
        if (error.retryAfter && tries < PATIENCE) {
          await upload.wait(error.retryAfter);
          continue;
        }
        upload.say("failed", error.message);
        return error.status !== 401;
      }
    }
  }

  #show() {
    const count = (state) => this.#all.filter((upload) => upload.state === state).length;
    const [done, failed] = [count("done"), count("failed")];
    this.#heading.textContent = this.#busy
      ? `Uploading ${Math.min(done + failed + 1, this.#all.length)} of ${this.#all.length}`
      : [done && `${counted(done, "article")} uploaded`, failed && `${counted(failed, "file")} not taken`]
        .filter(Boolean).join(", ") || "Nothing uploaded";
    this.#again.hidden = this.#busy || !failed;
    this.#clear.hidden = this.#busy;
    this.#stop.hidden = !this.#busy || !this.#waiting.length;
  }

  #retry() {
    this.#waiting = this.#all.filter((upload) => upload.state === "failed");
    for (const upload of this.#waiting) upload.say("waiting", "Waiting");
    this.#run();
  }

  #halt(reason) {
    for (const upload of this.#waiting) upload.say("failed", reason);
    this.#waiting = [];
    this.#show();
  }

  #dismiss() {
    this.#all = [];
    this.#rows.replaceChildren();
    this.#section.hidden = true;
    byId("choose-files").focus();
  }
}

/** One file and the row that shows how far it is. */
class Upload {
  #said = element("span", { class: "upload-said" });
  #bar;

  constructor(name, file) {
    this.name = name;
    this.file = file;
    this.#bar = element("progress", { max: "1", value: "0", "aria-label": `Sent of ${name}` });
    this.row = element("li", {}, element("span", { class: "upload-name" }, isolated(name)), this.#bar, this.#said);
    this.say("waiting", "Waiting");
  }

  say(state, words) {
    this.state = state;
    this.row.dataset.state = state;
    this.#said.textContent = words;
    this.#bar.hidden = state !== "sending";
  }

  progress(share) {
    this.#bar.value = share;
    if (share === 1) {
      this.#bar.removeAttribute("value"); // now the service reads it, and nobody knows how long
      this.#said.textContent = "Reading it";
    }
  }

  async wait(seconds) {
    this.say("waiting", `The service is busy: sent again in ${seconds} s`);
    await new Promise((resolve) => setTimeout(resolve, seconds * 1000));
    this.#bar.value = 0;
  }
}
