import { describe, expect, it } from 'vitest';
import { comparisonFor, resumptionAfter } from '../../../../src/adapters/sftp/resume.js';

const KIB = 1024;
const MIB = 1024 * KIB;
const CHUNK = 32 * KIB;

describe('what is compared of an unfinished file', () => {
  it('is nothing with verify: size, and all but the largest window is trusted', () => {
    expect(comparisonFor('size', { size: 5 * MIB, written: 0 })).toEqual({ kind: 'none', trusted: 4 * MIB });
    expect(comparisonFor('size', { size: 100, written: 0 })).toEqual({ kind: 'none', trusted: 0 });
  });

  it('with verify: size, what was acknowledged is trusted', () => {
    expect(comparisonFor('size', { size: 5 * MIB, written: 4.5 * MIB })).toEqual({ kind: 'none', trusted: 4.5 * MIB });
  });

  it('is the largest window and a chunk more with verify: tail, for only there can an interruption have left holes', () => {
    expect(comparisonFor('tail', { size: 5 * MIB, written: 0 })).toEqual({
      kind: 'from',
      from: 4 * MIB - CHUNK,
      certain: 4 * MIB,
    });
    expect(comparisonFor('tail', { size: MIB, written: 0 })).toEqual({ kind: 'from', from: 0, certain: 0 });
  });

  it('begins a chunk before what was acknowledged, where that is known', () => {
    expect(comparisonFor('tail', { size: 5 * MIB, written: 4.9 * MIB })).toEqual({
      kind: 'from',
      from: 4.9 * MIB - CHUNK,
      certain: 4.9 * MIB,
    });
  });

  it('does not rely on what was acknowledged where the server has less than that', () => {
    expect(comparisonFor('tail', { size: 3 * MIB, written: 4 * MIB })).toEqual({
      kind: 'from',
      from: 2 * MIB - CHUNK,
      certain: 2 * MIB,
    });
    expect(comparisonFor('size', { size: 3 * MIB, written: 4 * MIB })).toEqual({ kind: 'none', trusted: 2 * MIB });
  });

  it('is everything with verify: full', () => {
    expect(comparisonFor('full', { size: 5 * MIB, written: 4 * MIB })).toEqual({
      kind: 'from',
      from: 0,
      certain: 4 * MIB,
    });
  });
});

describe('where it is gone on', () => {
  it('is the first byte that differs', () => {
    expect(resumptionAfter({ from: 100, certain: 120 }, 150)).toEqual({ kind: 'sound', offset: 150 });
    expect(resumptionAfter({ from: 100, certain: 120 }, 120)).toEqual({ kind: 'sound', offset: 120 });
  });

  it('is the beginning where a byte is wrong that should be certain, though some before it are right', () => {
    expect(resumptionAfter({ from: 100, certain: 120 }, 100)).toEqual({ kind: 'damaged', offset: 0 });
    expect(resumptionAfter({ from: 100, certain: 120 }, 119)).toEqual({ kind: 'damaged', offset: 0 });
  });

  it('is the first byte that differs where all before it was compared', () => {
    expect(resumptionAfter({ from: 0, certain: 120 }, 50)).toEqual({ kind: 'damaged', offset: 50 });
    expect(resumptionAfter({ from: 0, certain: 0 }, 0)).toEqual({ kind: 'sound', offset: 0 });
  });
});
