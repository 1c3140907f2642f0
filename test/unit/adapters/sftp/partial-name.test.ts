import { describe, expect, it } from 'vitest';
import { isPartialName, partialName } from '../../../../src/adapters/sftp/partial-name.js';

describe('the name of an unfinished file', () => {
  it('is hidden, names its target, and is the same for the same source', () => {
    const name = partialName('report.csv', ['/data/report.csv', 10, 20n]);
    expect(name).toMatch(/^\.report\.csv\.netpause-[0-9a-f]{16}\.part$/);
    expect(partialName('report.csv', ['/data/report.csv', 10, 20n])).toBe(name);
  });

  it('is another for another source, or another state of it', () => {
    const names = [
      partialName('a', ['/a', 10, 20n]),
      partialName('a', ['/a', 10, 21n]),
      partialName('a', ['/a', 11, 20n]),
      partialName('a', ['/b', 10, 20n]),
      partialName('a', ['/a', 1, 20n]),
    ];
    expect(new Set(names).size).toBe(names.length);
  });

  it('fits into what file systems take, however long the name of the target is, and tells long ones apart', () => {
    const [one, other] = ['x', 'y'].map((last) => partialName('ü'.repeat(126) + last, [1]));
    expect(Buffer.byteLength(one ?? '')).toBeLessThanOrEqual(255);
    expect(one).not.toBe(other);
    expect(isPartialName(one ?? '')).toBe(true);
  });

  it.each(['report.csv', '.report.part', '.a.netpause-0123456789abcdef', 'a.netpause-0123456789abcdef.part'])(
    'is not taken for one: %s',
    (name) => {
      expect(isPartialName(name)).toBe(false);
    },
  );
});
