import { describe, expect, it } from 'vitest';
import { settingsOf } from '../../../../../src/cli/ring/demo/demo-settings.js';
import { Reporter } from '../../../../../src/cli/ring/demo/reporter.js';
import type { Testbed } from '../../../../../src/cli/ring/demo/testbed.js';
import { appearanceFor } from '../../../../../src/cli/text/appearance.js';

function tellerOn(kind: Testbed['kind']): { readonly reporter: Reporter; readonly said: string[] } {
  const said: string[] = [];
  const { colours } = appearanceFor({ isTerminal: false, env: {} });
  const edges = { colours, write: (line: string) => said.push(line), now: () => 0 };
  return { reporter: new Reporter({ kind, url: 'http://127.0.0.1:8756' }, settingsOf({}), edges), said };
}

describe('what is said at the beginning', () => {
  it('is what there is, what will happen, where the page is and how it ends', () => {
    const { reporter, said } = tellerOn('namespaces');
    reporter.introduce(undefined);
    const text = said.join('\n');
    expect(text).toContain('5 members, each in a network namespace of its own');
    expect(text).toMatch(/check each other every 2s\. Every 1m one cable is pulled, and put back after 30s/);
    expect(text).toContain('http://127.0.0.1:8756/ (open it in a browser)');
    expect(text).toContain('Ctrl-C');
  });

  it('is why there are no cables, where there are none, without letting anybody move the cursor', () => {
    const { reporter, said } = tellerOn('loopback');
    reporter.introduce('there can be none here (\u001b[2Jno)');
    const text = said.join('\n');
    expect(text).toContain('without network namespaces: there can be none here (?[2Jno)');
    expect(text).toMatch(/one\s+member is killed/);
    expect(text).not.toContain('pulled, and put back');
  });
});

describe('what is said at the end', () => {
  it.each([
    ['namespaces', 0, 0, 'no cables pulled'],
    ['namespaces', 1, 0, '1 cable pulled, and not watched to the end'],
    ['namespaces', 2, 2, '2 cables pulled, each shown as what it was'],
    ['loopback', 3, 2, '3 members killed, each shown as what it was but the last, which was not watched to the end'],
  ] as const)('on %s is how many faults of %i were seen to the end: %i', (kind, faults, faultsOver, text) => {
    const { reporter, said } = tellerOn(kind);
    reporter.ended({ faults, faultsOver, isAsExpected: true });
    expect(said.map((line) => line.slice(10))).toEqual([`stopped: ${text}; nothing is left behind`]);
  });
});

describe('what is said of a fault', () => {
  it('speaks of one other member as of one', () => {
    const { reporter, said } = tellerOn('namespaces');
    reporter.unreachable('aden', 1, 1_200);
    expect(said[0]?.slice(10)).toBe('1.2 s later the ring says: the other member does not reach aden');
  });

  it('does not say that all other paths are ok where they were not', () => {
    const { reporter, said } = tellerOn('namespaces');
    reporter.silent('aden', 3_000, false);
    expect(said[0]?.slice(10)).toBe('3 s later: nothing is heard of aden either, so it is cut off itself');
  });
});
