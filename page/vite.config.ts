import { svelte } from '@sveltejs/vite-plugin-svelte';
import { defineConfig } from 'vite';
import { compress } from './plugins/compress.ts';
import { licences } from './plugins/licences.ts';
import { offline } from './plugins/offline.ts';
import { world } from './plugins/world.ts';

export default defineConfig({
  plugins: [svelte(), world(), licences(), offline(), compress()],
  build: {
    outDir: '../src/landzicht/web/dist',
    emptyOutDir: true,
    target: 'es2022',
    sourcemap: false,
    // A data: address would need a looser Content-Security-Policy.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
  },
  // `npm run dev` beside a running `landzicht up`.
  server: {
    proxy: Object.fromEntries(
      ['/api', '/tiles', '/stac', '/data', '/uitleg', '/toegankelijkheid', '/static'].map((path) => [
        path,
        'http://127.0.0.1:8000',
      ]),
    ),
  },
});
