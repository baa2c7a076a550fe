// The service's routes, as functions. Errors are Problem, Unreachable, CutOff, or the AbortError
// of a signal.

import { CutOff, Problem, Unreachable, isStop, problemOf } from "./problem.js";
import { events } from "./stream.js";

/** Talks to the service, with the key that `keys` holds or asks the user for. */
export class Client {
  constructor(keys) {
    this.keys = keys;
  }

  /** Every article's facts, by source. */
  async sources() {
    return (await (await this.#request("v1/sources")).json()).sources;
  }

  async facts(source, signal) {
    return (await this.#request(path(source), { signal })).json();
  }

  /** An article's text to the letter: a byte order mark at its beginning is part of it. */
  async text(source, signal) {
    const response = await this.#request(`${path(source)}/text`, { signal });
    return new TextDecoder("utf-8", { ignoreBOM: true }).decode(await response.arrayBuffer());
  }

  /** Ask, and get the stream's events as they come: `{event, data}`, the last one `answer`. */
  async* ask(asked, signal) {
    const response = await this.#request("v1/ask", { ...json({ ...asked, stream: true }), signal });
    try {
      for await (const { event, data } of events(response.body)) {
        const content = JSON.parse(data);
        if (event === "error") throw new Problem(content.status, content.detail);
        yield { event, data: content };
        if (event === "answer") return;
      }
    } catch (error) {
      if (error instanceof Problem || isStop(error)) throw error;
      throw new CutOff();
    }
    throw new CutOff();
  }

  /** A ClaimCheck for each sentence of a text. */
  async check(text, signal) {
    return (await this.#request("v1/check", { ...json({ text }), signal })).json();
  }

  async remove(source) {
    await this.#request(path(source), { method: "DELETE" });
  }

  /** Upload one article: whether it is new. `progress` hears which share of it has been sent. */
  async put(source, file, progress) {
    for (;;) {
      const key = this.keys.current;
      const sent = await send(path(source), file, headers(key), progress);
      if (sent.status === 401) {
        await this.#otherKey(key);
        continue;
      }
      if (sent.status >= 400) {
        throw problemOf(sent.status, sent.responseText, sent.getResponseHeader("Retry-After"));
      }
      return sent.status === 201;
    }
  }

  async #otherKey(refused) {
    if (!await this.keys.replace(refused)) throw new Problem(401, "The service asks for a key, and none was given.");
  }

  async #request(where, options = {}) {
    for (;;) {
      const key = this.keys.current;
      let response;
      try {
        response = await fetch(where, { ...options, headers: { ...options.headers, ...headers(key) } });
      } catch (error) {
        throw isStop(error) ? error : new Unreachable();
      }
      if (response.status === 401) {
        await this.#otherKey(key);
        continue;
      }
      if (!response.ok) {
        throw problemOf(response.status, await response.text(), response.headers.get("Retry-After"));
      }
      return response;
    }
  }
}

function path(source) {
  return `v1/sources/${source.split("/").map(encodeURIComponent).join("/")}`;
}

function headers(key) {
  return key ? { Authorization: `Bearer ${key}` } : {};
}

function json(content) {
  return {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify(content),
  };
}

// Only the older interface tells how much of a body has been sent.
function send(where, file, fields, progress) {
  return new Promise((resolve, reject) => {
    const sending = new XMLHttpRequest();
    sending.open("PUT", where);
    sending.setRequestHeader("Content-Type", "application/octet-stream");
    for (const [name, value] of Object.entries(fields)) sending.setRequestHeader(name, value);
    sending.upload.addEventListener("progress", (event) => progress(event.loaded / (event.total || 1)));
    sending.addEventListener("load", () => resolve(sending));
    sending.addEventListener("error", () => reject(new Unreachable()));
    sending.send(file);
  });
}
