import { defineConfig } from 'electron-pyinstaller';

// Read by Electron Forge (forge.config.ts), electron-builder (electron-builder.yml) and the command line alike.
export default defineConfig({
  backends: {
    engine: {
      entry: { asgi: 'main:app' },
      source: 'backend',
      requirements: 'backend/requirements.txt',
      // Imported by name at run time (backend/services) and found by looking (backend/connectors): PyInstaller sees neither.
      hiddenImports: ['services.*', 'connectors.**'],
      data: ['backend/config', 'backend/templates'],
      run: { env: { EXAMPLE_APP_DATA: '{userData}' } },
      ready: '/api/health',
      // The types of its routes: engine.client in the main process, engine.api.gen.ts for the page.
      client: true,
      verify: {
        imports: ['services.report', 'connectors.heartbeat'],
        files: ['config/app.json', 'templates/report.html'],
        http: ['/api/signals', { path: '/api/services/report', contains: '<h1>' }],
      },
    },
  },
});
