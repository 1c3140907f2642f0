import { readdir, readFile, writeFile } from 'node:fs/promises';

/**
 * Writes a `.d.cts` beside every `.d.ts` of the build. tsup could, but leaves every dependency as an import, and a CommonJS declaration must
 * not name a module that is there for ES modules only. So their declarations are put beside ours, as tsup puts their code into the bundle.
 */
const DIST = new URL('../dist/', import.meta.url);
const ESM_ONLY = ['p-retry', 'is-network-error'];

for (const file of (await readdir(DIST)).filter((name) => name.endsWith('.d.ts'))) {
  const types = await readFile(new URL(file, DIST), 'utf8');
  await writeFile(new URL(commonJsName(file), DIST), toCommonJs(types));
  await Promise.all(ESM_ONLY.filter((name) => types.includes(`'${name}'`)).map(copyTypes));
}

async function copyTypes(name) {
  const types = await readFile(new URL(`../node_modules/${name}/index.d.ts`, import.meta.url), 'utf8');
  await writeFile(new URL(`${name}.d.cts`, DIST), types);
}

function commonJsName(file) {
  return file.replace(/\.d\.ts$/, '.d.cts');
}

function toCommonJs(types) {
  return types.replaceAll(/(from|import\(?) ?'([^']+)'/g, (clause, _keyword, specifier) =>
    clause.replace(specifier, commonJsSpecifier(specifier)),
  );
}

function commonJsSpecifier(specifier) {
  if (ESM_ONLY.includes(specifier)) return `./${specifier}.cjs`;
  return specifier.startsWith('.') ? specifier.replace(/\.js$/, '.cjs') : specifier;
}
