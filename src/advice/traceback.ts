/** A place in a text that something was made of. */
interface Placed {
  readonly index: number;
}

/** A part of the text: one exception with its traceback. */
interface Section {
  readonly from: number;
  /** Which chain of exceptions it belongs to. */
  readonly chain: number;
  /** What Python says between it and the next one of the chain; null: it is the last, the one that nobody caught. */
  readonly leadsTo: 'handled' | 'cause' | null;
}

const start = /^[ |+]*(?:Exception Group )?Traceback \(most recent call last\)/gm;
const link =
  /^[ |]*(?:(During handling of the above exception, another exception occurred:)|The above exception was the direct cause of the following exception:)\s*$/gm;

/**
 * Put what was found in a text into the order in which it explains the end of a program: what nobody caught before what
 * it was raised from, the last traceback before those that were only logged. What was found in an exception that the program
 * handled is left out where the one that came of it is explained. Pure.
 */
export function inOrderOfWeight<Found extends Placed>(text: string, found: readonly Found[]): Found[] {
  const sections = sectionsOf(text);
  const places = new Map(
    found.map((one) => [one, sections.findLastIndex(({ from }) => from <= one.index)] as const),
  );
  const lastChain = sections.at(-1)?.chain;
  const explained = new Set(places.values());
  const weighed = found.flatMap((one) => {
    const at = places.get(one) ?? -1;
    const chain = sections[at]?.chain;
    if (chain === undefined) return [{ one, weight: 1 }];
    const later = sections.findIndex(
      (section, index) => index > at && section.chain === chain && explained.has(index),
    );
    const isHandled = later !== -1 && sections.slice(at, later).some(({ leadsTo }) => leadsTo === 'handled');
    if (isHandled) return [];
    return [{ one, weight: later !== -1 ? 2 : chain === lastChain ? 0 : 1 }];
  });
  return weighed.toSorted((a, b) => a.weight - b.weight).map(({ one }) => one);
}

function sectionsOf(text: string): Section[] {
  const links = [...text.matchAll(link)].map((match) => ({
    index: match.index,
    leadsTo: match[1] === undefined ? ('cause' as const) : ('handled' as const),
  }));
  const starts = [...text.matchAll(start)].map(({ index }) => index);
  let chain = 0;
  return starts.map((from, index) => {
    const before = links.findLast((one) => one.index < from);
    const isLinked = before !== undefined && index > 0 && before.index > (starts[index - 1] ?? 0);
    if (!isLinked) chain += 1;
    const next = starts[index + 1];
    const after = next === undefined ? undefined : links.find((one) => one.index > from && one.index < next);
    return { from, chain, leadsTo: after?.leadsTo ?? null };
  });
}
