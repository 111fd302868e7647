/** An element that every page of its kind has. */
export function byId(id: string): HTMLElement {
  const found = document.getElementById(id);
  if (found === null) throw new Error(`The page has no element ${id}.`);
  return found;
}

/** The button that switches between light and dark; before it was used, the system decides. */
export function offerTheme(): void {
  byId('theme').addEventListener('click', () => {
    const { dataset } = document.documentElement;
    const isDark =
      dataset['theme'] === undefined
        ? matchMedia('(prefers-color-scheme: dark)').matches
        : dataset['theme'] === 'dark';
    dataset['theme'] = isDark ? 'light' : 'dark';
  });
}
