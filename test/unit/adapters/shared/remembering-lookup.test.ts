import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { type LookUp, rememberingLookup } from '../../../../src/adapters/shared/remembering-lookup.js';

const ADDRESSES = [
  { address: '192.0.2.1', family: 4 },
  { address: '2001:db8::1', family: 6 },
];

/** A resolver that answers as it is told. */
function resolver() {
  const questions: Parameters<LookUp>[] = [];
  const lookUp: LookUp = (...question) => {
    questions.push(question);
  };
  return {
    lookUp,
    questions,
    answer: (error: string | null, addresses = ADDRESSES) => {
      const [, , callback] = questions.at(-1) ?? [];
      callback?.(
        error === null ? null : Object.assign(new Error(error), { code: error }),
        error === null ? addresses : [],
      );
    },
  };
}

/** It has been asked for the server once, and had an answer. */
function afterOneAnswer() {
  const { lookUp, answer } = resolver();
  const lookup = rememberingLookup(lookUp);
  lookup('server.test', { all: true }, () => {});
  answer(null);
  return { lookup, answer, seen: vi.fn() };
}

describe('a look-up that remembers', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  it('asks each time, and gives what is answered', () => {
    const { lookUp, questions, answer } = resolver();
    const lookup = rememberingLookup(lookUp);
    const seen = vi.fn();
    lookup('server.test', { all: true }, seen);
    answer(null);
    lookup('server.test', { all: true }, seen);
    answer(null, [{ address: '192.0.2.2', family: 4 }]);
    expect(questions).toHaveLength(2);
    expect(seen.mock.calls).toEqual([
      [null, ADDRESSES],
      [null, [{ address: '192.0.2.2', family: 4 }]],
    ]);
  });

  it('gives one address where one is asked for', () => {
    const { lookUp, answer } = resolver();
    const seen = vi.fn();
    rememberingLookup(lookUp)('server.test', {}, seen);
    answer(null);
    expect(seen.mock.calls).toEqual([[null, '192.0.2.1', 4]]);
  });

  it('gives what it remembers where the resolver fails', () => {
    const { lookup, answer, seen } = afterOneAnswer();
    lookup('server.test', { all: true }, seen);
    answer('EAI_AGAIN');
    expect(seen.mock.calls).toEqual([[null, ADDRESSES]]);
  });

  it('gives what it remembers where the resolver is silent for a second, and once only', () => {
    const { lookup, answer, seen } = afterOneAnswer();
    lookup('server.test', { all: true }, seen);
    vi.advanceTimersByTime(999);
    expect(seen).not.toHaveBeenCalled();
    vi.advanceTimersByTime(1);
    expect(seen.mock.calls).toEqual([[null, ADDRESSES]]);
    answer('EAI_AGAIN');
    expect(seen).toHaveBeenCalledTimes(1);
  });

  it('believes that there is no such name any more', () => {
    const { lookup, answer, seen } = afterOneAnswer();
    lookup('server.test', { all: true }, seen);
    answer('ENOTFOUND');
    expect(seen.mock.calls).toEqual([[expect.objectContaining({ code: 'ENOTFOUND' }), []]]);
  });

  it('has nothing to give for a name that it never knew, or in the other family', () => {
    const { lookup, answer, seen } = afterOneAnswer();
    for (const [name, family] of [
      ['other.test', 0],
      ['server.test', 6],
    ] as const) {
      lookup(name, { all: true, family }, seen);
      answer('EAI_AGAIN');
    }
    expect(seen.mock.calls.map(([error]) => error.code)).toEqual(['EAI_AGAIN', 'EAI_AGAIN']);
    expect(vi.getTimerCount()).toBe(0);
  });
});
