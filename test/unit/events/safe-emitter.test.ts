import { afterEach, describe, expect, it, vi } from 'vitest';
import { SafeEmitter } from '../../../src/events/index.js';

class Door extends SafeEmitter<{ open: (by: string) => void }> {
  open(by: string): void {
    this.emit('open', by);
  }
}

afterEach(() => vi.restoreAllMocks());

describe('SafeEmitter', () => {
  it('calls listeners on every event, and once-listeners on the next only', () => {
    const door = new Door();
    const always = vi.fn();
    const once = vi.fn();
    door.on('open', always).once('open', once);
    door.open('Ada');
    door.open('Bo');
    expect(always.mock.calls).toEqual([['Ada'], ['Bo']]);
    expect(once.mock.calls).toEqual([['Ada']]);
  });

  it('removes listeners that were added by on or once, and ignores strangers', () => {
    const door = new Door();
    const listener = vi.fn();
    door.on('open', listener).off('open', listener).once('open', listener).off('open', listener).off('open', vi.fn());
    door.open('Ada');
    expect(listener).not.toHaveBeenCalled();
    expect(door.listenerCount('open')).toBe(0);
  });

  it('goes on when a listener throws, and says what was thrown', () => {
    const warned = vi.spyOn(process, 'emitWarning').mockImplementation(() => {});
    const door = new Door();
    const after = vi.fn();
    door.on('open', () => {
      throw new Error('squeak');
    });
    door.on('open', after);
    expect(() => door.open('Ada')).not.toThrow();
    expect(after).toHaveBeenCalledOnce();
    expect(warned.mock.calls[0]?.[0]).toContain('squeak');
  });

  it('survives listeners that reject, and throws of any kind', async () => {
    const warned = vi.spyOn(process, 'emitWarning').mockImplementation(() => {});
    const door = new Door();
    door.on('open', async () => {
      throw new Error('creak');
    });
    door.on('open', () => {
      throw Object.create(null);
    });
    door.open('Ada');
    await vi.waitFor(() => expect(warned).toHaveBeenCalledTimes(2));
    expect(warned.mock.calls.flat().join()).toContain('creak');
  });
});
