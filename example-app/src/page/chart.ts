/** Draws the last half minute of a signal, moving with the clock. */
import type { components } from '../engine.api.gen';

const windowSeconds = 30;
/** Samples further apart than this are not connected: nothing is known about the time between. */
const gapSeconds = 1;
const margin = { top: 14, right: 18, bottom: 26, left: 52 };

/** One measured value. */
export type Sample = Readonly<components['schemas']['Sample']>;

/** A chart on a canvas. */
export class Chart {
  readonly #canvas: HTMLCanvasElement;
  readonly #context: CanvasRenderingContext2D;
  #samples: Sample[] = [];
  #low = 0;
  #high = 1;

  constructor(canvas: HTMLCanvasElement) {
    const context = canvas.getContext('2d');
    if (context === null) throw new Error('This canvas cannot draw.');
    this.#canvas = canvas;
    this.#context = context;
    const draw = (): void => {
      this.#draw(Date.now() / 1000);
      requestAnimationFrame(draw);
    };
    requestAnimationFrame(draw);
  }

  add(sample: Sample): void {
    this.#samples.push(sample);
    const oldest = sample.time - windowSeconds - 2;
    if ((this.#samples[0]?.time ?? 0) < oldest - 5) {
      this.#samples = this.#samples.filter(({ time }) => time >= oldest);
    }
  }

  clear(): void {
    this.#samples = [];
  }

  #draw(now: number): void {
    const { clientWidth: width, clientHeight: height } = this.#canvas;
    const ratio = devicePixelRatio;
    if (
      this.#canvas.width !== Math.round(width * ratio) ||
      this.#canvas.height !== Math.round(height * ratio)
    ) {
      this.#canvas.width = Math.round(width * ratio);
      this.#canvas.height = Math.round(height * ratio);
    }
    const context = this.#context;
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    context.clearRect(0, 0, width, height);
    const style = getComputedStyle(this.#canvas);
    const colour = (name: string): string => style.getPropertyValue(name);

    this.#followRange();
    const left = margin.left;
    const bottom = height - margin.bottom;
    const plotWidth = width - margin.left - margin.right;
    const plotHeight = bottom - margin.top;
    const x = (time: number): number => left + (1 - (now - time) / windowSeconds) * plotWidth;
    const y = (value: number): number =>
      bottom - ((value - this.#low) / (this.#high - this.#low)) * plotHeight;

    context.font = `11px ${style.fontFamily}`;
    context.lineWidth = 1;
    context.strokeStyle = colour('--line');
    context.fillStyle = colour('--soft');
    context.textAlign = 'right';
    context.textBaseline = 'middle';
    const step = niceStep((this.#high - this.#low) / 4);
    for (let value = Math.ceil(this.#low / step) * step; value <= this.#high; value += step) {
      const at = Math.round(y(value)) + 0.5;
      context.beginPath();
      context.moveTo(left, at);
      context.lineTo(left + plotWidth, at);
      context.stroke();
      context.fillText(formatTick(value, step), left - 10, at);
    }
    context.textAlign = 'center';
    for (let age = 0; age <= windowSeconds; age += 5) {
      context.fillText(
        age === 0 ? 'now' : `−${age} s`,
        left + (1 - age / windowSeconds) * plotWidth,
        height - 10,
      );
    }

    context.save();
    context.beginPath();
    context.rect(left, 0, plotWidth + margin.right, height);
    context.clip();
    const accent = colour('--accent');
    const fill = context.createLinearGradient(0, margin.top, 0, bottom);
    fill.addColorStop(0, colour('--accent-soft'));
    fill.addColorStop(1, 'transparent');
    for (const run of connected(this.#samples)) {
      const line = new Path2D();
      for (const { time, value } of run) line.lineTo(x(time), y(value));
      const area = new Path2D(line);
      area.lineTo(x(run.at(-1)?.time ?? 0), bottom);
      area.lineTo(x(run[0]?.time ?? 0), bottom);
      context.fillStyle = fill;
      // oxlint-disable-next-line unicorn/no-array-fill-with-reference-type -- a canvas, not an array
      context.fill(area);
      context.strokeStyle = accent;
      context.lineWidth = 2;
      context.lineJoin = 'round';
      context.stroke(line);
    }
    const last = this.#samples.at(-1);
    if (last !== undefined && now - last.time < gapSeconds) {
      context.beginPath();
      context.arc(x(last.time), y(last.value), 8, 0, 2 * Math.PI);
      context.fillStyle = colour('--accent-soft');
      context.fill();
      context.beginPath();
      context.arc(x(last.time), y(last.value), 3.5, 0, 2 * Math.PI);
      context.fillStyle = accent;
      context.fill();
    }
    context.restore();
  }

  /** Let the vertical range glide to what the samples need. */
  #followRange(): void {
    if (this.#samples.length === 0) return;
    const values = this.#samples.map(({ value }) => value);
    const lowest = Math.min(...values);
    const highest = Math.max(...values);
    const room = Math.max((highest - lowest) * 0.12, 0.05);
    const far = lowest - room > this.#high || highest + room < this.#low;
    const share = far ? 1 : 0.08;
    // Glides, but never so slowly that the line leaves the chart.
    this.#low = Math.min(this.#low + (lowest - room - this.#low) * share, lowest - room / 4);
    this.#high = Math.max(this.#high + (highest + room - this.#high) * share, highest + room / 4);
  }
}

function connected(samples: readonly Sample[]): Sample[][] {
  const runs: Sample[][] = [];
  let previous = -Infinity;
  for (const sample of samples) {
    if (sample.time - previous > gapSeconds) runs.push([]);
    runs.at(-1)?.push(sample);
    previous = sample.time;
  }
  return runs;
}

/** The smallest of 1, 2 and 5 times a power of ten that is not below `rough`. */
function niceStep(rough: number): number {
  const power = 10 ** Math.floor(Math.log10(rough));
  return ([1, 2, 5].find((factor) => factor * power >= rough) ?? 10) * power;
}

function formatTick(value: number, step: number): string {
  const digits = Math.max(0, -Math.floor(Math.log10(step) + 1e-9));
  // Sums of steps miss zero by a hair, which would be shown as "-0.0".
  return (Math.abs(value) < step / 1000 ? 0 : value).toFixed(digits).replace('-', '−');
}
