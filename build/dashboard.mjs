import { createHash } from 'node:crypto';
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const ROOT = fileURLToPath(new URL('..', import.meta.url));

/**
 * Bundles the pages of src/dashboard into generated/dashboard.js, which the registry serves them from: `page` and `assets`, as
 * src/ring/registry/dashboard-module.d.ts describes them.
 *
 * @returns {Promise<Readonly<Record<string, number>>>} bytes by path.
 */
export async function buildDashboard() {
  const { outputFiles, metafile } = await build({
    absWorkingDir: ROOT,
    entryPoints: { ring: ENTRY },
    bundle: true,
    minify: true,
    format: 'esm',
    splitting: true,
    target: ['chrome123', 'firefox120', 'safari17.5'],
    jsx: 'automatic',
    jsxImportSource: 'preact',
    tsconfigRaw: {},
    entryNames: '[name]-[hash]',
    chunkNames: '[name]-[hash]',
    outdir: 'assets',
    legalComments: 'none',
    metafile: true,
    write: false,
    logLevel: 'warning',
  });
  const assets = Object.fromEntries(
    outputFiles.map(({ path, text }) => {
      const name = `/${path.slice(ROOT.length)}`;
      return [name, { type: typeOf(name), text, hash: hashOf(text) }];
    }),
  );
  const html = pageOf(entryOf(metafile));
  const page = { type: 'text/html; charset=utf-8', text: html, hash: hashOf(html) };
  await write({ page, assets }, Object.keys(metafile.inputs));
  return Object.fromEntries([['/', page], ...Object.entries(assets)].map(([name, { text }]) => [name, text.length]));
}

/** The style sheets of what is loaded later, too: a script does not load them. */
function entryOf({ outputs }) {
  const names = Object.keys(outputs).map((name) => `/${name}`);
  const [script] = Object.entries(outputs).find(([, { entryPoint }]) => entryPoint === ENTRY);
  return { script: `/${script}`, styles: names.filter((name) => name.endsWith('.css')).sort(byEntry) };
}

const ENTRY = 'src/dashboard/ring/main.tsx';

/** The theme first, so that others may build on it. */
function byEntry(a, b) {
  const rank = (name) => (name.startsWith('/assets/ring-') ? 0 : 1);
  return rank(a) - rank(b);
}

/** All of it stands in files: a strict policy lets no script and no style stand in the page. */
function pageOf({ script, styles }) {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>Netring</title>
<link rel="icon" href="${ICON}">
${styles.map((style) => `<link rel="stylesheet" href="${style}">`).join('\n')}
<script type="module" src="${script}"></script>
</head>
<body>
<div id="app"></div>
<noscript><main class="noscript"><h1>Netring</h1><p>This page needs JavaScript. <a href="/plain">A list of the members</a> and <a href="/topology/svg">a picture of the topology</a> do not.</p></main></noscript>
</body>
</html>
`;
}

const ICON = `data:image/svg+xml,${encodeURIComponent(
  '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 16 16"><circle cx="8" cy="8" r="5.5" fill="none" stroke="#2a86d1" stroke-width="1.6"/><circle cx="8" cy="2.5" r="2.3" fill="#2a86d1"/><circle cx="3.2" cy="10.8" r="2.3" fill="#2a86d1"/><circle cx="12.8" cy="10.8" r="2.3" fill="#e6a800"/></svg>',
)}`;

function typeOf(name) {
  return name.endsWith('.css') ? 'text/css; charset=utf-8' : 'text/javascript; charset=utf-8';
}

function hashOf(text) {
  return createHash('sha256').update(text).digest('base64url').slice(0, 22);
}

/** The sources go into a file beside, since whoever ships a bundle ships the licences of what is in it. */
async function write({ page, assets }, inputs) {
  const folder = join(ROOT, 'generated');
  await mkdir(folder, { recursive: true });
  const module = `export const page = ${JSON.stringify(page)};\nexport const assets = ${JSON.stringify(assets, undefined, 1)};\n`;
  await replace(join(folder, 'dashboard.js'), module);
  await replace(join(folder, 'dashboard.inputs.json'), `${JSON.stringify(inputs, undefined, 1)}\n`);
}

/** In one step: whoever reads it meanwhile has the one before. Not where nothing has changed. */
async function replace(file, text) {
  if ((await readFile(file, 'utf8').catch(() => undefined)) === text) return;
  await writeFile(`${file}.${process.pid}`, text);
  await rename(`${file}.${process.pid}`, file);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  for (const [name, bytes] of Object.entries(await buildDashboard())) process.stdout.write(`${name} ${bytes}\n`);
}
