/** Collects the licences of the packages whose code ends up in the page. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Plugin } from 'vite';

const LICENCE = /^(licen[cs]e|copying|notice)/i;
/** Packages of which only data is taken, at build time. */
const DATA = ['world-atlas'];

interface Manifest {
  name: string;
  version: string;
  license?: string;
}

export function licences(): Plugin {
  let root = '';
  return {
    name: 'landzicht-licences',
    apply: 'build',
    configResolved(config) {
      root = config.root;
    },
    generateBundle() {
      const folders = new Set(DATA.map((name) => join(root, 'node_modules', name)));
      for (const id of this.getModuleIds()) {
        const folder = packageFolder(id);
        if (folder) folders.add(folder);
      }
      const parts = [...folders].map(describe).sort();
      const source = `The page contains work of others, under these licences.\n\n${parts.join('\n')}`;
      this.emitFile({ type: 'asset', fileName: 'THIRD_PARTY_LICENSES.txt', source });
    },
  };
}

/** The folder of the package that holds module `id`, or nothing for our own modules. */
function packageFolder(id: string): string | undefined {
  const path = id.replace(/^\0/, '').replace(/\?.*$/, '');
  if (!path.includes('node_modules')) return undefined;
  let folder = dirname(path);
  while (folder.includes('node_modules')) {
    const manifest = join(folder, 'package.json');
    if (existsSync(manifest) && (JSON.parse(readFileSync(manifest, 'utf8')) as Manifest).version) {
      return folder;
    }
    folder = dirname(folder);
  }
  return undefined;
}

function describe(folder: string): string {
  const { name, version, license } = JSON.parse(
    readFileSync(join(folder, 'package.json'), 'utf8'),
  ) as Manifest;
  const texts = readdirSync(folder)
    .filter((file) => LICENCE.test(file))
    .sort()
    .map((file) => readFileSync(join(folder, file), 'utf8').trim());
  const rule = '-'.repeat(72);
  return `${rule}\n${name} ${version} (${license ?? 'see text'})\n${rule}\n${texts.join('\n\n')}\n`;
}
