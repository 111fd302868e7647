import type { BackendView } from '../bridge';
import { element, setText } from './elements';

/** Show the state of the backend, and which buttons make sense in it. */
export function showBackend(view: BackendView): void {
  const state = element('state', HTMLElement);
  state.textContent = view.state;
  state.dataset['state'] = view.state;
  const text = element('text', HTMLElement);
  text.textContent = view.text;
  text.title = view.text;
  setText('address', view.url ?? '–');
  const kind = view.isPackaged ? 'frozen' : 'from source';
  setText('process', view.pid === null ? '–' : `${view.pid} · Python ${view.python ?? '?'}, ${kind}`);
  const restarts = view.restarts === 0 ? '' : ` · restarted ${view.restarts}×`;
  setText('startup', view.startupMs === null ? '–' : `${(view.startupMs / 1000).toFixed(2)} s${restarts}`);

  const isDown = ['idle', 'stopped', 'failed'].includes(view.state);
  const isUp = ['ready', 'degraded'].includes(view.state);
  const stop = element('stop', HTMLButtonElement);
  stop.textContent = isDown ? 'Start' : 'Stop';
  stop.disabled = view.state === 'stopping';
  element('restart', HTMLButtonElement).disabled = !isUp;
  element('crash', HTMLButtonElement).disabled = !isUp;
  element('report', HTMLButtonElement).disabled = !isUp;
}
