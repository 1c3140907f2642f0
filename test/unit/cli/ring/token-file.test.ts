import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { readTokens } from '../../../../src/cli/ring/read-tokens.js';
import { TokenFile } from '../../../../src/cli/ring/token-file.js';

const [OLD, NEW] = ['the-token-from-before', 'the-token-from-now-on'];

describe('a file of tokens', () => {
  let folder: string;
  let path: string;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'netpause-tokens-'));
    path = join(folder, 'tokens.txt');
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  it('has one on each line, whatever an editor has put around it', async () => {
    await writeFile(path, `${OLD}\r\n\n  ${NEW}\n`);
    expect(await readTokens(path)).toEqual([OLD, NEW]);
  });

  it.each([
    ['', 'there is no token in it'],
    [`${OLD}\nshort\n`, 'tokens.txt:2: a token has at least 16 visible ASCII characters'],
    ['a token with spaces in it\n', 'tokens.txt:1: a token has'],
    ['ein-Schlüssel-mit-Umlaut\n', 'tokens.txt:1: a token has'],
    [`${OLD}\n`.repeat(17), 'it has 17 tokens, and may have 16'],
  ])('%j is refused, naming the line and no token', async (text, complaint) => {
    await writeFile(path, text);
    const error: unknown = await readTokens(path).catch((refused: unknown) => refused);
    expect(String(error)).toContain(complaint);
    for (const line of text.split('\n').filter((each) => each !== '')) expect(String(error)).not.toContain(line);
  });

  it('that is not there is a fault of its own', async () => {
    await expect(readTokens(join(folder, 'nowhere'))).rejects.toThrow('nowhere: there is no such file');
  });
});

describe('tokens that change while they are in use', () => {
  let found: readonly string[] | Error;
  let told: string[];
  let file: TokenFile;

  const look = () => vi.advanceTimersByTimeAsync(1_000);

  beforeEach(async () => {
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
    found = [OLD];
    told = [];
    const listener = {
      onChange: (count: number) => void told.push(`${count} tokens`),
      onFault: (fault: string) => void told.push(fault),
    };
    file = await TokenFile.open(import.meta.filename, listener, async () => {
      if (found instanceof Error) throw found;
      return found;
    });
  });
  afterEach(() => {
    file.close();
    vi.useRealTimers();
  });

  it('count when they were found twice, since a file may be half written', async () => {
    await look();
    expect(told).toEqual([]);
    found = [OLD, NEW];
    await look();
    expect(file.tokens).toEqual([OLD]);
    await look();
    expect([file.tokens, told]).toEqual([[OLD, NEW], ['2 tokens']]);
  });

  it('do not count when the file says something else at the next look', async () => {
    found = [NEW.slice(0, 16)];
    await look();
    found = [NEW];
    await look();
    expect(file.tokens).toEqual([OLD]);
    await look();
    expect(file.tokens).toEqual([NEW]);
  });

  it('stay what they were while the file cannot be used, which is said once', async () => {
    found = new Error('no token in it');
    for (let round = 0; round < 4; round += 1) await look();
    expect([file.tokens, told]).toEqual([[OLD], ['no token in it']]);
    found = [OLD];
    for (let round = 0; round < 4; round += 1) await look();
    expect([file.tokens, told]).toEqual([[OLD], ['no token in it', '1 tokens']]);
  });

  it('count at once when it is asked for, and it is said what came of it', async () => {
    found = [NEW];
    await file.reload();
    await file.reload();
    expect([file.tokens, told]).toEqual([[NEW], ['1 tokens', '1 tokens']]);
  });

  it('are not looked for any more when it is closed', async () => {
    file.close();
    found = [NEW];
    await file.reload();
    await look();
    await look();
    expect([file.tokens, told]).toEqual([[OLD], []]);
  });
});
