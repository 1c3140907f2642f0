import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DueQueue } from '../../../src/probes/due-queue.js';

describe('a queue by moments', () => {
  it('gives out whatever went in, the earliest first', () => {
    fc.assert(
      fc.property(fc.array(fc.double({ noNaN: true })), fc.array(fc.double({ noNaN: true })), (filled, pushed) => {
        const queue = new DueQueue<{ readonly due: number }>();
        queue.fill(filled.map((due) => ({ due })));
        for (const due of pushed) queue.push({ due });
        const out: number[] = [];
        for (let item = queue.pop(); item !== undefined; item = queue.pop()) out.push(item.due + 0);
        expect(out).toEqual([...filled, ...pushed].map((due) => due + 0).sort((a, b) => a - b));
      }),
    );
  });

  it('stays in order when what was taken out is put back for later', () => {
    const queue = new DueQueue<{ readonly due: number }>();
    queue.fill([{ due: 3 }, { due: 1 }, { due: 2 }]);
    expect(queue.pop()).toEqual({ due: 1 });
    queue.push({ due: 4 });
    expect([queue.pop(), queue.pop(), queue.pop(), queue.pop()]).toEqual([
      { due: 2 },
      { due: 3 },
      { due: 4 },
      undefined,
    ]);
  });
});
