/**
 * Builds the service worker (`/sw.js`) beside the page, with the list of the page's files in it.
 *
 * Its version is a hash of that list, so the worker is a new one exactly when the page is.
 */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Plugin, transformWithOxc } from 'vite';

const SOURCE = 'worker/sw.ts';
/** Files of the portal that are no part of the build. */
const OTHERS = ['/', '/theme.css'];
const WANTED = /^assets\/.*\.(js|css|svg)$/;

export function offline(): Plugin {
  let root = '';
  return {
    name: 'landzicht-offline',
    apply: 'build',
    configResolved(config) {
      root = config.root;
    },
    async generateBundle(_, bundle) {
      const assets = Object.keys(bundle).filter((name) => WANTED.test(name));
      const files = [...OTHERS, ...assets.sort().map((name) => `/${name}`)];
      const version = createHash('sha256').update(files.join('\n')).digest('hex').slice(0, 12);
      const path = join(root, SOURCE);
      const { code } = await transformWithOxc(readFileSync(path, 'utf8'), path, { target: 'es2022' });
      const shell = `const SHELL = ${JSON.stringify({ version, files })};\n`;
      // A worker is no module: every browser that has workers reads it.
      const script = code.replace(/^export\s*\{\s*\};?\s*$/m, '');
      this.emitFile({ type: 'asset', fileName: 'sw.js', source: shell + script });
    },
  };
}
