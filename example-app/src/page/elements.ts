/** The element with an id, of the given kind; its absence is a mistake in index.html. */
export function element<T extends HTMLElement>(id: string, kind: new () => T): T {
  const found = document.getElementById(id);
  if (!(found instanceof kind)) throw new Error(`index.html has no ${kind.name} with the id "${id}".`);
  return found;
}

/** Set the text of the element with an id. */
export function setText(id: string, text: string): void {
  element(id, HTMLElement).textContent = text;
}
