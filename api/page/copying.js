// A button that copies, and says that it has.

import { announce, element } from "./element.js";

const SAID = 2000; // milliseconds for which it says so

/** A button named `label` that copies what `text()` gives; none where the browser forbids it. */
export function copyButton(label, kind, text) {
  if (!navigator.clipboard) return null; // over plain HTTP from another machine
  const button = element("button", { class: kind, type: "button" }, label);
  button.addEventListener("click", async () => {
    await navigator.clipboard.writeText(text());
    button.textContent = "Copied";
    announce("Copied");
    setTimeout(() => { button.textContent = label; }, SAID);
  });
  return button;
}
