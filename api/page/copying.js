// A button that copies, and says whether it has.

import { announce, element } from "./element.js";

const SAID = 2000; // milliseconds for which it says so

/** A button named `label` that copies what `text()` gives; none where the browser forbids it. */
export function copyButton(label, kind, text) {
  if (!navigator.clipboard) return null; // over plain HTTP from another machine
  const button = element("button", { class: kind, type: "button" }, label);
  button.addEventListener("click", async () => {
    const said = await navigator.clipboard.writeText(text()).then(() => "Copied", () => "Not allowed");
    button.textContent = said;
    announce(said);
    setTimeout(() => { button.textContent = label; }, SAID);
  });
  return button;
}
