// Runs in a hostile page. Each attack returns what it could read, as text; whether it changed anything is counted by the backend.
'use strict';

const pause = (ms, value) => new Promise((resolve) => setTimeout(resolve, ms, value));

/** What a promise gives, an error's text, or 'nothing in time'. */
const settled = (promise, patienceMs = 4000) =>
  Promise.race([
    Promise.resolve(promise).catch((error) => String(error)),
    pause(patienceMs, 'nothing in time'),
  ]);

const read = (url, init) =>
  settled(fetch(url, { cache: 'no-store', ...init }).then((answer) => answer.text()));

const element = (name, properties) => Object.assign(document.createElement(name), properties);

/** Add an element and wait until it has loaded or failed. */
const loaded = (node) =>
  settled(
    new Promise((resolve) => {
      node.addEventListener('load', () => resolve('loaded'));
      node.addEventListener('error', () => resolve('refused'));
      document.documentElement.append(node);
    }),
  );

/** The first message a frame sends. */
const message = (frame) =>
  new Promise((resolve) => {
    window.addEventListener('message', (event) => {
      if (event.source === frame.contentWindow) resolve(String(event.data));
    });
  });

const firstMessage = (socket) =>
  settled(
    new Promise((resolve) => {
      const answer = async (event) => {
        socket.send?.('change');
        await pause(200);
        socket.close();
        resolve(String(event.data));
      };
      socket.addEventListener('message', answer, { once: true });
      socket.addEventListener('error', () => {
        socket.close();
        resolve('refused');
      });
    }),
  );

const webSocketUrl = (base) => base.replace(/^http/, 'ws') + '/ws';

/** A frame's text, when its origin allows it. */
const textOf = (frame) => {
  try {
    return frame.contentDocument.documentElement.textContent;
  } catch (error) {
    return String(error);
  }
};

const submitted = (base, enctype, fields) => {
  const name = `frame-${Math.random()}`;
  const frame = element('iframe', { name });
  const form = element('form', { action: `${base}/change`, method: 'post', target: name, enctype });
  for (const [key, value] of fields) form.append(element('input', { type: 'hidden', name: key, value }));
  document.documentElement.append(form);
  const done = settled(
    new Promise((resolve) => {
      document.documentElement.append(frame);
      frame.addEventListener('load', () => resolve('loaded'));
      form.submit();
    }),
  );
  return done.then(async () => {
    // The load event of the empty frame may come first.
    await pause(200);
    return textOf(frame);
  });
};

/** Run the same in a frame whose origin is `null`. */
const sandboxed = (script, patienceMs) => {
  const frame = element('iframe', { srcdoc: `<script>${script}</script>` });
  frame.sandbox = 'allow-scripts allow-forms';
  const answer = settled(message(frame), patienceMs);
  document.documentElement.append(frame);
  return answer;
};

window.attacks = {
  fetch: (base) => read(`${base}/secret`),
  'fetch with credentials': (base) => read(`${base}/secret`, { credentials: 'include' }),
  'fetch no-cors': (base) => read(`${base}/change`, { mode: 'no-cors' }),
  'fetch under the name localhost': (base) => read(`${base.replace(/\/\/[^:]+/, '//localhost')}/secret`),
  'fetch under the address 0.0.0.0': (base) => read(`${base.replace(/\/\/[^:]+/, '//0.0.0.0')}/secret`),
  'fetch with a guessed token': (base) =>
    read(`${base}/secret`, { headers: { 'x-electron-pyinstaller-token': 'null' } }),
  'POST with a header of its own': (base) =>
    read(`${base}/change`, { method: 'POST', headers: { 'x-requested-with': 'kittens' } }),
  'fetch from a sandboxed frame': (base) =>
    sandboxed(
      `fetch('${base}/secret').then((a) => a.text()).catch(String).then((t) => parent.postMessage(t, '*'))`,
    ),
  'POST of JSON': (base) =>
    read(`${base}/change`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{}' }),
  'POST of JSON as text': (base) => read(`${base}/change`, { method: 'POST', mode: 'no-cors', body: '{}' }),
  PUT: (base) => read(`${base}/change`, { method: 'PUT' }),
  DELETE: (base) => read(`${base}/change`, { method: 'DELETE' }),
  form: (base) => submitted(base, 'application/x-www-form-urlencoded', [['a', 'b']]),
  'form that looks like JSON': (base) => submitted(base, 'text/plain', [['{"a":"', '"}']]),
  'form from a sandboxed frame': (base) =>
    sandboxed(
      `const f = Object.assign(document.createElement('form'), { action: '${base}/change', method: 'post' });` +
        `document.documentElement.append(f); f.submit();`,
      600,
    ),
  beacon: async (base) => {
    const queued = navigator.sendBeacon(`${base}/change`, 'x');
    await pause(400);
    return String(queued);
  },
  picture: async (base) => {
    const image = element('img', { src: `${base}/secret.svg?${Math.random()}` });
    await loaded(image);
    return `width ${image.naturalWidth}`;
  },
  'picture that changes something': (base) =>
    loaded(element('img', { src: `${base}/change?${Math.random()}` })),
  script: async (base) => {
    delete window.stolen;
    await loaded(element('script', { src: `${base}/secret.js` }));
    return String(window.stolen);
  },
  'style sheet': async (base) => {
    await loaded(element('link', { rel: 'stylesheet', href: `${base}/secret.css` }));
    return getComputedStyle(document.documentElement).getPropertyValue('--stolen') || 'no style';
  },
  EventSource: (base) => firstMessage(new EventSource(`${base}/events`)),
  'EventSource with credentials': (base) =>
    firstMessage(new EventSource(`${base}/events`, { withCredentials: true })),
  WebSocket: (base) => firstMessage(new WebSocket(webSocketUrl(base))),
  'WebSocket with a token as protocol': (base) =>
    firstMessage(new WebSocket(webSocketUrl(base), ['bearer', 'null'])),
  'WebSocket with a token as user name': async (base) => {
    try {
      return await firstMessage(new WebSocket(webSocketUrl(base).replace('//', '//bearer:null@')));
    } catch (error) {
      return String(error);
    }
  },
  'WebSocket from a sandboxed frame': (base) =>
    sandboxed(
      `const s = new WebSocket('${webSocketUrl(base)}'); s.onmessage = (e) => parent.postMessage(e.data, '*');` +
        `s.onerror = () => parent.postMessage('refused', '*');`,
    ),
  frame: async (base) => {
    const frame = element('iframe', { src: `${base}/page`, name: 'embedded' });
    const said = message(frame);
    await loaded(frame);
    return `${textOf(frame)} ${await settled(said, 400)}`;
  },
};
