import { plural } from '../../lib/text.js';
import type { StartupCosts } from './costs.js';

/** From this share of a start on, an import is worth a word. */
const worthShare = 0.05;
const worthMs = 20;
const shownOwners = 12;

/** The imports of the project's own code that are worth a word, the most expensive first. */
export function worthImportingLater({ imports, totalMs }: StartupCosts): StartupCosts['imports'] {
  return imports.filter(({ ms }) => ms >= worthMs && ms >= totalMs * worthShare).slice(0, 5);
}

/** A start as text for a terminal. Pure. */
export function formatStartup(backend: string, costs: StartupCosts): string {
  const { totalMs, phases, owners } = costs;
  const rest = owners.slice(shownOwners);
  const shown = owners
    .slice(0, shownOwners)
    .map(({ owner, ms, modules }) => row(ms, totalMs, owner, modules));
  if (rest.length > 0) {
    const ms = rest.reduce((sum, owner) => sum + owner.ms, 0);
    const modules = rest.reduce((sum, owner) => sum + owner.modules, 0);
    shown.push(row(ms, totalMs, `${rest.length} more`, modules));
  }
  const worth = worthImportingLater(costs);
  return [
    `${backend}  ready after ${Math.round(totalMs)} ms`,
    '',
    ...phases.map(({ title, ms }) => row(ms, totalMs, title, null)),
    '',
    'Imports, by distribution:',
    ...shown,
    ...(worth.length === 0
      ? []
      : [
          '',
          'What the project imports; what it needs only later, import inside of the function that needs it:',
        ]),
    ...worth.map(
      ({ importer, imported, ms }) =>
        `  ${importer} imports ${imported}: ${Math.round(ms)} ms with all that comes with it`,
    ),
    '',
  ].join('\n');
}

function row(ms: number, totalMs: number, title: string, modules: number | null): string {
  const share = `${Math.round((100 * ms) / totalMs)} %`;
  const count = modules === null ? '' : `  ${plural(modules, 'module')}`;
  return `  ${`${Math.round(ms)} ms`.padStart(8)}  ${share.padStart(5)}  ${title}${count}`;
}
