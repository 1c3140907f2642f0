import { describe, expect, it } from 'vitest';
import { SequenceTable } from '../../../../src/probes/ping/sequence-table.js';

describe('the table of sequence numbers', () => {
  it('gives each request a number of its own, for as many as there are numbers', () => {
    const table = new SequenceTable<string>();
    const sequences = new Set<number>();
    for (let index = 0; index < 65_536; index += 1) sequences.add(table.claim('owner', index).sequence);
    expect(sequences.size).toBe(65_536);
    expect(table.isFull).toBe(true);
    expect(() => table.claim('owner', 0)).toThrow(RangeError);
  });

  it('finds who waits, until it is released', () => {
    const table = new SequenceTable<string>();
    const first = table.claim('first', 7);
    const second = table.claim('second', 8);
    expect(table.get(first.sequence)).toMatchObject({ owner: 'first', index: 7 });
    expect(table.get(second.sequence)).toMatchObject({ owner: 'second', index: 8 });
    table.release(first.sequence);
    expect(table.get(first.sequence)).toBeUndefined();
    expect(table.size).toBe(1);
  });

  it('passes over numbers that are still waited for', () => {
    const table = new SequenceTable<string>();
    const kept = table.claim('kept', 0);
    for (let index = 0; index < 65_535; index += 1) table.release(table.claim('short', index).sequence);
    const next = table.claim('next', 0);
    expect(next.sequence).not.toBe(kept.sequence);
    expect(table.get(kept.sequence)?.owner).toBe('kept');
  });

  it('does not give a number out again before all others', () => {
    const table = new SequenceTable<string>();
    const { sequence } = table.claim('first', 0);
    table.release(sequence);
    for (let index = 0; index < 65_535; index += 1) {
      const other = table.claim('other', index);
      expect(other.sequence === sequence).toBe(false);
      table.release(other.sequence);
    }
    expect(table.claim('again', 0).sequence).toBe(sequence);
  });

  it('gives each request random bytes of its own, also to the same number', () => {
    const table = new SequenceTable<string>();
    const tokens = new Set<string>();
    for (let index = 0; index < 2_000; index += 1) {
      const { tokenHigh, tokenLow, sequence } = table.claim('owner', index);
      tokens.add(`${tokenHigh} ${tokenLow}`);
      table.release(sequence);
    }
    expect(tokens.size).toBe(2_000);
  });
});
