import type { BackendStatus } from 'electron-pyinstaller/runtime';
import type { components } from '../engine.api.gen';
import { element, setText } from './elements';

let startedAt: number | null = null;

/** Show the state of the backend, and which buttons make sense in it. */
export function showBackend(status: BackendStatus): void {
  const state = element('state', HTMLElement);
  state.textContent = status.state;
  state.dataset['state'] = status.state;
  const text = element('text', HTMLElement);
  const isReady = status.state === 'ready';
  text.textContent = isReady
    ? ''
    : (status.error?.message ?? status.text ?? status.phase ?? '').split('\n', 1).join('');
  text.title = status.error?.message ?? '';
  setText('address', status.url ?? '–');

  if (status.state === 'starting') startedAt = status.since;
  if (!isReady) setText('startup', '–');
  else if (startedAt !== null) {
    const again = status.generation > 1 ? `, start ${status.generation}` : '';
    setText('startup', `${((status.since - startedAt) / 1000).toFixed(2)} s${again}`);
    startedAt = null;
  }

  const isDown = ['idle', 'stopped', 'failed'].includes(status.state);
  const isUp = ['ready', 'degraded'].includes(status.state);
  if (!isUp) setText('process', '–');
  const stop = element('stop', HTMLButtonElement);
  stop.textContent = isDown ? 'Start' : 'Stop';
  stop.disabled = status.state === 'stopping';
  for (const id of ['restart', 'crash', 'report']) element(id, HTMLButtonElement).disabled = !isUp;
}

/** Show which Python answers. */
export function showHealth({ pid, python, frozen }: components['schemas']['Health']): void {
  setText('process', `${pid} · Python ${python}, ${frozen ? 'frozen' : 'from source'}`);
}
