import { measuredOf, type Stored } from './document.ts';
import type { Row } from './row.ts';

const rowHeight = 22;
const labelWidth = 170;
const plotWidth = 560;
const top = 30;
/** At the right, where no bar and no mark reaches. */
const valueWidth = 60;

const text = (x: number, y: number, words: string, anchor = 'start'): string =>
  `<text x="${x}" y="${y}" text-anchor="${anchor}">${words.replaceAll('&', '&amp;').replaceAll('<', '&lt;')}</text>`;

function drawing(rows: number, title: string, body: readonly string[]): string {
  const height = top + rows * rowHeight + 12;
  const width = labelWidth + plotWidth + 20;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" font-family="sans-serif" font-size="12">`,
    `<rect width="${width}" height="${height}" fill="white"/>`,
    text(8, 18, title),
    ...body,
    '</svg>\n',
  ].join('\n');
}

/** Bars of the ratios on a logarithmic scale; a line at 1 and a mark at each goal. */
export function ratioPlot(rows: readonly Row[], results: ReadonlyMap<string, Stored>): string {
  const shown = measuredOf(rows, results).flatMap(({ line, result: { ratio, met } }) =>
    ratio === null ? [] : [{ line, ratio, met }],
  );
  const place = (ratio: number): number => {
    const share = (Math.log10(Math.min(4, Math.max(0.02, ratio))) - Math.log10(0.02)) / Math.log10(200);
    return Math.round(labelWidth + share * (plotWidth - valueWidth));
  };
  const bottom = top + shown.length * rowHeight;
  return drawing(
    shown.length,
    'ratio: ours divided by the other, on a logarithmic scale (smaller is better); dashed: as long as the other; | the goal',
    [
      ...shown.flatMap(({ line, ratio, met }, index) => {
        const y = top + index * rowHeight;
        const goal = line.goal.ratio;
        return [
          text(labelWidth - 8, y + 15, line.name, 'end'),
          `<rect x="${labelWidth}" y="${y + 4}" width="${place(ratio) - labelWidth}" height="14" fill="${met ? '#4a8' : '#c63'}"/>`,
          text(labelWidth + plotWidth - valueWidth + 10, y + 15, ratio.toFixed(2)),
          ...(goal === undefined
            ? []
            : [`<rect x="${place(goal)}" y="${y + 1}" width="2" height="20" fill="black"/>`]),
        ];
      }),
      `<line x1="${place(1)}" y1="${top}" x2="${place(1)}" y2="${bottom}" stroke="gray" stroke-dasharray="3"/>`,
    ],
  );
}

/** Every figure as a dot, each row on a scale of its own that begins at 0. */
export function figurePlot(rows: readonly Row[], results: ReadonlyMap<string, Stored>): string {
  const shown = measuredOf(rows, results);
  return drawing(
    shown.length,
    'every figure: ours filled, the other hollow',
    shown.flatMap(({ line, result }, index) => {
      const y = top + index * rowHeight + 11;
      const others = result.other?.values ?? [];
      const most = Math.max(...result.ours.values, ...others);
      const x = (value: number): string => (labelWidth + (value / most) * (plotWidth - 70)).toFixed(1);
      return [
        text(labelWidth - 8, y + 4, line.name, 'end'),
        `<line x1="${labelWidth}" y1="${y}" x2="${labelWidth + plotWidth - 70}" y2="${y}" stroke="#ddd"/>`,
        ...others.map((value) => `<circle cx="${x(value)}" cy="${y}" r="4" fill="none" stroke="#c63"/>`),
        ...result.ours.values.map(
          (value) => `<circle cx="${x(value)}" cy="${y}" r="3" fill="#4a8" fill-opacity="0.6"/>`,
        ),
        text(labelWidth + plotWidth - 60, y + 4, `${most.toFixed(0)} ${line.unit}`),
      ];
    }),
  );
}
