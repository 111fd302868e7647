// Those of test/windows-packaging have uv.
const python = { installer: 'pip' };
const service = {
  entry: { wsgi: 'service:app' },
  source: 'backend',
  python,
  data: ['backend/grüße.txt'],
  verify: { http: ['/hello'] },
};

export default {
  generate: false,
  backends: {
    engine: { ...service },
    single: { ...service, pyinstaller: { mode: 'onefile' }, lifeline: 'process' },
    convert: { kind: 'job', entry: { call: 'convert:main' }, source: 'backend', python },
    tools: { kind: 'stdio', entry: { call: 'tools:main' }, source: 'backend', python },
  },
};
