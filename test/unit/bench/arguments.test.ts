import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readArguments } from '../../../bench/arguments.js';
import type { Part } from '../../../bench/part.js';

const part = (name: string): Part => ({ name, title: `About ${name}`, run: async () => [] });
const ALL = [part('detection'), part('idle'), part('churn')];

function read(...args: readonly string[]) {
  const asked = readArguments(args, ALL);
  if ('answer' in asked) throw new Error(`an answer: ${asked.answer}`);
  return { ...asked, parts: asked.parts.map(({ name }) => name) };
}

describe('the command line', () => {
  it('measures everything in full by default, and keeps the results beside the bench', () => {
    const { parts, scale, folder } = read();
    expect(parts).toEqual(['detection', 'idle', 'churn']);
    expect(scale).toBe('full');
    expect(folder.endsWith(join('bench', 'results'))).toBe(true);
  });

  it('takes the parts that are named, in the order of the bench', () => {
    expect(read('--only', 'churn', '--only', 'detection').parts).toEqual(['detection', 'churn']);
  });

  it('never puts the figures of a quick run, which mean nothing, in the place of the measured ones', () => {
    const { scale, folder } = read('--quick');
    expect(scale).toBe('quick');
    expect(folder).not.toBe(read().folder);
  });

  it('writes to the folder that is named', () => {
    expect(read('--quick', '--out', '/somewhere').folder).toBe('/somewhere');
  });

  it('refuses the name of a part that does not exist, and says which do', () => {
    expect(() => read('--only', 'speed')).toThrow('there is no part speed, only detection, idle, churn');
  });

  it('lists the parts', () => {
    expect(readArguments(['--list'], ALL)).toEqual({
      answer: 'detection\tAbout detection\nidle\tAbout idle\nchurn\tAbout churn',
    });
  });

  it('refuses an option that it does not know', () => {
    expect(() => read('--fast')).toThrow('--fast');
  });
});
