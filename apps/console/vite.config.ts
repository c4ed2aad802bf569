import { defineConfig } from 'vite';

const API = ['/jobs', '/queues', '/kinds', '/workers', '/limits', '/schedules', '/dead-letters', '/webhooks', '/files', '/health', '/stats', '/openapi.json'];

/** `npm run build` makes dist/console of it (tools/build-console.mjs); `npx vite apps/console` serves it while you change it, with a gateway at :3000 behind. */
export default defineConfig({
  root: import.meta.dirname,
  // The gateway writes in the page where its files are: it may be seen below a path (PUBLIC_URL).
  base: './',
  html: { cspNonce: 'LONGHAUL_NONCE' },
  build: {
    outDir: '../../dist/console',
    emptyOutDir: true,
    target: ['chrome123', 'firefox128', 'safari17.5'],
    modulePreload: { polyfill: false },
    // data: URLs would need an exception in the policy.
    assetsInlineLimit: 0,
    reportCompressedSize: false,
    manifest: 'manifest.json',
    rolldownOptions: {
      onLog: (level, log, handle) => {
        // Of Mantine's files, which are made for servers too.
        if (log.code !== 'MODULE_LEVEL_DIRECTIVE') handle(level, log);
      },
    },
  },
  server: { proxy: Object.fromEntries(API.map((path) => [path, 'http://127.0.0.1:3000'])) },
});
