// Elements from names, attributes and children. Text only ever becomes text nodes: nothing that
// an article, a name or a model says can turn into markup.

/**
 * An element. Attributes that are functions listen to the event of their name; `false` and `null`
 * leave an attribute out. Children are nodes or strings.
 */
export function element(name, attributes = {}, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (typeof value === "function") made.addEventListener(key, value);
    else if (value !== false && value !== null && value !== undefined) {
      made.setAttribute(key, value === true ? "" : value);
    }
  }
  made.append(...children.filter((child) => child !== null && child !== undefined));
  return made;
}

const OVERRIDES = /[\u202d\u202e]/g;

/** A foreign name or title, kept from reordering what stands around it. */
export function isolated(text) {
  return element("bdi", {}, text.replace(OVERRIDES, (found) =>
    `‹U+${found.codePointAt(0).toString(16).toUpperCase()}›`));
}

/** The element of the document that has this id. */
export function byId(id) {
  return document.getElementById(id);
}

/** Say something to people who listen to the page. */
export function announce(text) {
  byId("announcer").textContent = text;
}
