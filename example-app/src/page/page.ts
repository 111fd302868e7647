/** The page: what the backend is, what it measures, what it says. Talks to it by `/api/…`, which the main process forwards. */
import type { BackendBridge, BackendStatus } from 'electron-pyinstaller/runtime';
import type { DiagnosticsBridge } from '../diagnostics-channel';
import type { LogBridge } from '../log-channel';
import { showBackend, showHealth, type Health } from './backend-view';
import { Chart, type Sample } from './chart';
import { element, setText } from './elements';
import { showLogLine } from './log-view';
import { serverSentEvents } from './stream';

declare global {
  interface Window {
    readonly backends: BackendBridge;
    readonly backendLog: LogBridge;
    readonly diagnostics: DiagnosticsBridge;
  }
}

interface Signal {
  readonly name: string;
  readonly title: string;
  readonly unit: string;
}

const { backends, backendLog, diagnostics } = window;
const engine = 'engine';
const chart = new Chart(element('chart', HTMLCanvasElement));
let state: BackendStatus['state'] = 'idle';
let listening: AbortController | null = null;

async function getJson<T>(path: string): Promise<T> {
  const response = await fetch(path);
  if (!response.ok) throw new Error(`${path} answered ${response.status}`);
  return (await response.json()) as T;
}

function onStatus(status: BackendStatus): void {
  const wasReady = state === 'ready';
  ({ state } = status);
  showBackend(status);
  if (state === 'ready' && !wasReady) void listen();
  if (state !== 'ready') listening?.abort();
}

/** Follow the stream as long as the backend is ready. */
async function listen(): Promise<void> {
  listening?.abort();
  const controller = new AbortController();
  listening = controller;
  while (!controller.signal.aborted) {
    try {
      showHealth(await getJson<Health>('/api/health'));
      await showSignals();
      for await (const sample of serverSentEvents('/api/stream', controller.signal))
        showSample(sample as Sample);
    } catch {
      // The backend went away: its state says so, and its next "ready" begins anew.
    }
    await new Promise((resolve) => setTimeout(resolve, 500));
  }
}

function showSample(sample: Sample): void {
  chart.add(sample);
  setText('value', sample.value.toFixed(2).replace('-', '−'));
}

async function showSignals(): Promise<void> {
  const { chosen, signals } = await getJson<{ chosen: string; signals: Signal[] }>('/api/signals');
  const buttons = signals.map(({ name, title }) => {
    const button = document.createElement('button');
    button.textContent = title;
    button.setAttribute('role', 'radio');
    button.setAttribute('aria-checked', String(name === chosen));
    button.addEventListener('click', () => void choose(name));
    return button;
  });
  element('signals', HTMLElement).replaceChildren(...buttons);
  setText('unit', signals.find(({ name }) => name === chosen)?.unit ?? '');
}

async function choose(name: string): Promise<void> {
  await fetch(`/api/signals/${name}`, { method: 'PUT' });
  chart.clear();
  await showSignals();
  await showFigures();
}

async function showFigures(): Promise<void> {
  const figures = await getJson<Record<string, number | undefined>>('/api/services/statistics?count=750');
  for (const name of ['minimum', 'mean', 'maximum', 'deviation']) {
    setText(name, figures[name]?.toFixed(3).replace('-', '−') ?? '–');
  }
  const { direction } = await getJson<{ direction: string }>('/api/services/trend?count=75');
  const arrow = direction === 'rising' ? '↗' : direction === 'falling' ? '↘' : '→';
  setText('trend', `${arrow} ${direction}`);
}

element('restart', HTMLButtonElement).addEventListener('click', () => void control('restart'));
element('stop', HTMLButtonElement).addEventListener('click', () => {
  void control(element('stop', HTMLButtonElement).textContent === 'Start' ? 'start' : 'stop');
});
// The answer never comes: the process is gone before it could give one.
element('crash', HTMLButtonElement).addEventListener(
  'click',
  () => void fetch('/api/crash', { method: 'POST' }).catch(() => null),
);
element('report', HTMLButtonElement).addEventListener('click', () => {
  element('report-frame', HTMLIFrameElement).src = '/api/services/report';
  element('report-dialog', HTMLDialogElement).showModal();
});

element('diagnostics', HTMLButtonElement).addEventListener('click', () => void saveDiagnostics());

/** The button stays where it is meanwhile, so that the keyboard does not lose its place. */
async function saveDiagnostics(): Promise<void> {
  setText('diagnostics-result', '');
  const told = await diagnostics.save().then(
    (file) => (file === null ? '' : `Saved as ${file}`),
    (error: unknown) => `Not saved: ${error instanceof Error ? error.message : String(error)}`,
  );
  setText('diagnostics-result', told);
}

/** What goes wrong is part of the next status; there is nothing to add here. */
async function control(action: 'start' | 'stop' | 'restart'): Promise<void> {
  await backends[action](engine).catch(() => null);
}

backendLog.onLine(showLogLine);
for (const line of await backendLog.recent()) showLogLine(line);
backends.onStatus(engine, onStatus);
setInterval(() => {
  if (state === 'ready') void showFigures().catch(() => null);
}, 1000);
