import { describe, expect, it } from 'vitest';
import { Pipeline } from '../../../../src/adapters/sftp/pipeline.js';

describe('a pipeline', () => {
  it('gives answers in the order of the requests, whichever comes first', async () => {
    const pipeline = new Pipeline<string>(100);
    const first = deferred<string>();
    pipeline.add(10, first.promise);
    pipeline.add(10, Promise.resolve('second'));
    const taken = [pipeline.next(), pipeline.next()];
    first.resolve('first');
    await expect(Promise.all(taken)).resolves.toEqual(['first', 'second']);
    await expect(pipeline.next()).resolves.toBeUndefined();
  });

  it('has room for so many bytes, and again when they are answered', async () => {
    const pipeline = new Pipeline<number>(100);
    pipeline.add(60, Promise.resolve(1));
    expect(pipeline.hasRoomFor(40)).toBe(true);
    expect(pipeline.hasRoomFor(41)).toBe(false);
    await pipeline.next();
    expect(pipeline.hasRoomFor(100)).toBe(true);
    expect(pipeline.isEmpty).toBe(true);
  });

  it('fails with the oldest, and nobody has to wait for those behind it', async () => {
    const pipeline = new Pipeline<number>(100);
    pipeline.add(1, Promise.reject(new Error('first')));
    pipeline.add(1, Promise.reject(new Error('second')));
    await expect(pipeline.next()).rejects.toThrow('first');
  });
});

function deferred<Value>() {
  let resolve: (value: Value) => void = () => {};
  const promise = new Promise<Value>((settle) => {
    resolve = settle;
  });
  return { promise, resolve };
}
