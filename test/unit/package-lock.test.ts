import { readFile } from 'node:fs/promises';
import { expect, it } from 'vitest';

interface Lock {
  readonly packages: Readonly<Record<string, Locked>>;
}

interface Locked {
  readonly resolved?: string;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly devDependencies?: Readonly<Record<string, string>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
}

const lock: Lock = JSON.parse(await readFile('package-lock.json', 'utf8'));

it('says nothing of where the packages were downloaded from', () => {
  const addressed = Object.entries(lock.packages).filter(([, { resolved }]) => resolved !== undefined);
  expect(addressed.map(([path]) => path)).toEqual([]);
});

it('locks what package.json asks for', async () => {
  const { dependencies, devDependencies }: Locked = JSON.parse(await readFile('package.json', 'utf8'));
  expect(lock.packages['']).toMatchObject({ dependencies, devDependencies });
});

it('locks the builds for every platform, without which npm ci refuses the file', () => {
  const optional = Object.entries(lock.packages).flatMap(([path, { optionalDependencies = {} }]) =>
    Object.keys(optionalDependencies).map((name) => ({ name, nested: `${path}/node_modules/${name}` })),
  );
  const missing = optional.filter(
    ({ name, nested }) => !(nested in lock.packages) && !(`node_modules/${name}` in lock.packages),
  );
  expect(optional.length).toBeGreaterThan(0);
  expect(missing.map(({ name }) => name)).toEqual([]);
});
