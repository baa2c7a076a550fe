// Bytes -> server-sent events, as the HTML standard reads them.

const SILENCE = 45_000; // milliseconds, several times what the service lets pass without a comment

/**
 * The events of a stream of bytes, `{event, data}` each, as they come. An event that the stream's
 * end cuts short is left out. Throws where nothing comes for long.
 */
export async function* events(body) {
  const reader = body.getReader();
  const decoder = new TextDecoder();
  let rest = "";
  let event = "";
  let data = [];
  try {
    for (;;) {
      const { done, value } = await soon(reader.read());
      if (done) return;
      rest += decoder.decode(value, { stream: true });
      // A carriage return at the very end may be half of a line break.
      const whole = rest.endsWith("\r") ? rest.slice(0, -1) : rest;
      const found = whole.split(/\r\n|\n|\r/);
      rest = found.pop() + rest.slice(whole.length);
      for (const line of found) {
        if (line === "") {
          if (data.length) yield { event: event || "message", data: data.join("\n") };
          event = "";
          data = [];
          continue;
        }
        const [field, content] = parted(line);
        if (field === "event") event = content;
        if (field === "data") data.push(content);
      }
    }
  } finally {
    reader.cancel().catch(() => {}); // whoever stops reading lets go of the connection
  }
}

async function soon(coming) {
  let clock;
  const silence = new Promise((_, reject) => {
    clock = setTimeout(() => reject(new Error("Nothing comes any more")), SILENCE);
  });
  try {
    return await Promise.race([coming, silence]);
  } finally {
    clearTimeout(clock);
  }
}

function parted(line) {
  const colon = line.indexOf(":");
  if (colon < 0) return [line, ""];
  const content = line.slice(colon + 1);
  return [line.slice(0, colon), content.startsWith(" ") ? content.slice(1) : content];
}
