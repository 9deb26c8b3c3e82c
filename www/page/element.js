/** An element with children; a string child is text, never markup, and `null` is left out. */
export function node(name, attributes = {}, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  made.append(...children.filter((child) => child !== null));
  return made;
}

/** A button that does something. */
export function button(text, act, kind = "quiet") {
  const made = node("button", { type: "button", class: kind }, text);
  made.addEventListener("click", act);
  return made;
}

/** Hands a file over to whoever sits here. */
export function download(name, blob) {
  const href = URL.createObjectURL(blob);
  node("a", { download: name, href }).click();
  // The browser has begun to read it by then.
  setTimeout(() => URL.revokeObjectURL(href), 60_000);
}
