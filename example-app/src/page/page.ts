/** The page: what the backend is, what it measures, what it says. Talks to it by `/api/…`, which the main process forwards. */
import type { BackendBridge, BackendStatus } from 'electron-pyinstaller/runtime';
import { eventReader } from 'electron-pyinstaller/client';
import createClient from 'openapi-fetch';
import type { DiagnosticsBridge } from '../diagnostics-channel';
import type { events, paths } from '../engine.api.gen';
import type { LogBridge } from '../log-channel';
import { showBackend, showHealth } from './backend-view';
import { Chart, type Sample } from './chart';
import { element, setText } from './elements';
import { showLogLine } from './log-view';

declare global {
  interface Window {
    readonly backends: BackendBridge;
    readonly backendLog: LogBridge;
    readonly diagnostics: DiagnosticsBridge;
  }
}

// The page's own origin: what begins with /api/ is forwarded.
const target = { baseUrl: '' };
const client = createClient<paths>(target);
const streams = eventReader<paths, events>(target);

const { backends, backendLog, diagnostics } = window;
const engine = 'engine';
const chart = new Chart(element('chart', HTMLCanvasElement));
let state: BackendStatus['state'] = 'idle';
let listening: AbortController | null = null;

/** What a route answered; anything but success is an error. */
async function answered<T>(request: Promise<{ data?: T; response: Response }>): Promise<T> {
  const { data, response } = await request;
  if (data === undefined) throw new Error(`${response.url} answered ${response.status}`);
  return data;
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
      showHealth(await answered(client.GET('/api/health')));
      await showSignals();
      for await (const { data } of streams('/api/stream', { signal: controller.signal })) showSample(data);
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
  const { chosen, signals } = await answered(client.GET('/api/signals'));
  const group = element('signals', HTMLElement);
  const hadFocus = group.contains(document.activeElement);
  const buttons = signals.map(({ name, title }) => {
    const button = document.createElement('button');
    button.textContent = title;
    button.setAttribute('role', 'radio');
    button.setAttribute('aria-checked', String(name === chosen));
    // As with radio buttons of a form: Tab leads to the chosen one, arrows to the others.
    button.tabIndex = name === chosen ? 0 : -1;
    button.addEventListener('click', () => void choose(name));
    return button;
  });
  group.replaceChildren(...buttons);
  if (hadFocus) buttons.find(({ tabIndex }) => tabIndex === 0)?.focus();
  setText('unit', signals.find(({ name }) => name === chosen)?.unit ?? '');
}

async function choose(name: string): Promise<void> {
  await client.PUT('/api/signals/{name}', { params: { path: { name } } });
  chart.clear();
  await showSignals();
  await showFigures();
}

async function showFigures(): Promise<void> {
  const figures = await answered(
    client.GET('/api/services/statistics', { params: { query: { count: 750 } } }),
  );
  for (const name of ['minimum', 'mean', 'maximum', 'deviation'] as const) {
    setText(name, figures[name]?.toFixed(3).replace('-', '−') ?? '–');
  }
  const { direction } = await answered(
    client.GET('/api/services/trend', { params: { query: { count: 75 } } }),
  );
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
  () => void client.POST('/api/crash').catch(() => null),
);
element('report', HTMLButtonElement).addEventListener('click', () => {
  element('report-frame', HTMLIFrameElement).src = '/api/services/report';
  element('report-dialog', HTMLDialogElement).showModal();
});

element('signals', HTMLElement).addEventListener('keydown', (event) => {
  const step = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
  const buttons = [...element('signals', HTMLElement).children] as HTMLElement[];
  const at = buttons.indexOf(document.activeElement as HTMLElement);
  if (step === undefined || at === -1) return;
  event.preventDefault();
  buttons.at((at + step) % buttons.length)?.click();
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
