import { describe, expect, it } from 'vitest';
import { addressesInHostsFile } from '../../../src/names/index.js';

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
