import { getEventListeners } from 'node:events';
import { describe, expect, it } from 'vitest';
import { linkSignals } from '../../../src/events/index.js';

describe('a linked signal', () => {
  it('aborts with the first of several, for its reason', () => {
    const [a, b] = [new AbortController(), new AbortController()];
    const { signal } = linkSignals(a.signal, undefined, b.signal);
    expect(signal.aborted).toBe(false);
    b.abort('b');
    a.abort('a');
    expect(signal.reason).toBe('b');
  });

  it('is aborted from the beginning where one of them is', () => {
    expect(linkSignals(new AbortController().signal, AbortSignal.abort('before')).signal.reason).toBe('before');
  });

  it('leaves nothing on them when it is released', () => {
    const controller = new AbortController();
    const { signal, release } = linkSignals(controller.signal);
    expect(getEventListeners(controller.signal, 'abort')).toHaveLength(1);
    release();
    expect(getEventListeners(controller.signal, 'abort')).toHaveLength(0);
    controller.abort();
    expect(signal.aborted).toBe(false);
  });
});
