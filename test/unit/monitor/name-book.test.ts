import { describe, expect, it } from 'vitest';
import { addressesInHostsFile, NameBook } from '../../../src/monitor/name-book.js';

describe('NameBook', () => {
  it('lets an address stand for itself and asks nobody', async () => {
    const asked: string[] = [];
    const book = new NameBook(async (name) => {
      asked.push(name);
      return [];
    });
    expect(await book.refresh(['192.0.2.1', '2001:db8::1'])).toBe(false);
    expect(book.addressesOf('192.0.2.1')).toEqual(['192.0.2.1']);
    expect(book.addressesOf('2001:db8::1')).toEqual(['2001:db8::1']);
    expect(asked).toEqual([]);
  });

  it('says whether a name has new addresses, and keeps the last good ones', async () => {
    let answer: readonly string[] = ['192.0.2.1'];
    const book = new NameBook(async () => answer);
    expect(book.addressesOf('db.example.com')).toEqual([]);
    expect(await book.refresh(['db.example.com'])).toBe(true);
    expect(await book.refresh(['db.example.com'])).toBe(false);
    answer = ['192.0.2.2'];
    expect(await book.refresh(['db.example.com'])).toBe(true);
    answer = [];
    expect(await book.refresh(['db.example.com'])).toBe(false);
    expect(book.addressesOf('db.example.com')).toEqual(['192.0.2.2']);
  });

  it('is bounded', async () => {
    const book = new NameBook(async () => ['192.0.2.1']);
    for (let batch = 0; batch < 11; batch += 1) {
      await book.refresh(Array.from({ length: 1_000 }, (_, index) => `host-${batch}-${index}`));
    }
    expect(book.addressesOf('host-0-0')).toEqual([]);
    expect(book.addressesOf('host-10-999')).toEqual(['192.0.2.1']);
  });
});

describe('addressesInHostsFile', () => {
  const file = [
    '127.0.0.1 localhost',
    '# 192.0.2.9 db',
    '192.0.2.1\tDB db.example.com # the database',
    '::1 localhost',
    'nonsense db',
  ].join('\n');

  it('finds every address of a name, whatever its case', () => {
    expect(addressesInHostsFile(file, 'localhost')).toEqual(['127.0.0.1', '::1']);
    expect(addressesInHostsFile(file, 'db')).toEqual(['192.0.2.1']);
    expect(addressesInHostsFile(file, 'db.example.com')).toEqual(['192.0.2.1']);
  });

  it('finds nothing where there is nothing', () => {
    expect(addressesInHostsFile(file, 'database')).toEqual([]);
    expect(addressesInHostsFile('', 'localhost')).toEqual([]);
  });
});
