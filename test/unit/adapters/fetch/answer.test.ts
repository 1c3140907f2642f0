import { describe, expect, it } from 'vitest';
import { type AskedForRest, judgeAnswer } from '../../../../src/adapters/fetch/answer.js';

const rest: AskedForRest = { offset: 100, content: { validator: '"v1"', length: 1000 } };

function judge(status: number, headers: Record<string, string>, asked?: AskedForRest) {
  return judgeAnswer(status, new Headers(headers), asked);
}

describe('an answer to a request for the whole', () => {
  it('is begun anew, with its length and its strong ETag', () => {
    expect(judge(200, { 'Content-Length': '1000', ETag: '"v1"' })).toEqual({
      kind: 'anew',
      content: { validator: '"v1"', length: 1000, digest: undefined },
    });
  });

  it.each([
    ['a weak ETag', { ETag: 'W/"v1"' }, undefined],
    ['a weak ETag and a date', { ETag: 'W/"v1"', 'Last-Modified': at(0), Date: at(9) }, undefined],
    ['a date a second before the answer', { 'Last-Modified': at(0), Date: at(1) }, at(0)],
    ['a date of the same second', { 'Last-Modified': at(0), Date: at(0) }, undefined],
    ['a date, but not that of the answer', { 'Last-Modified': at(0) }, undefined],
    ['nothing', {}, undefined],
  ])('can be continued by %s, or not', (_name, headers, validator) => {
    expect(judge(200, headers)).toMatchObject({ content: { validator } });
  });

  it.each([
    ['Repr-Digest', 'sha-512=:AAAA:, sha-256=:ungWv48Bz+pBQUDeXa4iI7ADYaOWF3qctBD/YfIAFa0=:'],
    ['Digest', 'md5=xyz, SHA-256=ungWv48Bz+pBQUDeXa4iI7ADYaOWF3qctBD/YfIAFa0='],
  ])('names a checksum by %s', (name, value) => {
    const hex = 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad';
    expect(judge(200, { [name]: value })).toMatchObject({ content: { digest: { algorithm: 'sha256', hex } } });
  });

  it('says nothing of the file where it is encoded although it should not be', () => {
    expect(judge(200, { 'Content-Encoding': 'gzip', 'Content-Length': '9', ETag: '"v1"' })).toEqual({
      kind: 'anew',
      content: { validator: undefined },
    });
  });

  it('cannot be a part', () => {
    expect(judge(206, { 'Content-Range': 'bytes 0-99/1000' })).toMatchObject({ kind: 'contradiction' });
  });

  it.each([204, 205, 301, 304, 400, 404, 416, 500, 503])('is refused by status %i', (status) => {
    expect(judge(status, {})).toEqual({ kind: 'refused' });
  });
});

describe('an answer to a request for the rest', () => {
  it.each([
    ['with everything', { 'Content-Range': 'bytes 100-999/1000', ETag: '"v1"' }, 1000],
    ['of a length that is not said', { 'Content-Range': 'bytes 100-999/*' }, undefined],
    ['that brings less than all of it', { 'Content-Range': 'bytes 100-199/1000' }, 1000],
  ])('continues the part: %s', (_name, headers, length) => {
    expect(judge(206, headers, rest)).toEqual({ kind: 'continue', length });
  });

  it.each([
    ['the same', at(0), 'continue'],
    ['another', at(1), 'outdated'],
  ])('compares the dates where there is no ETag: %s', (_name, modified, kind) => {
    const byDate: AskedForRest = { offset: 100, content: { validator: at(0), length: 1000 } };
    const headers = { 'Content-Range': 'bytes 100-999/1000', 'Last-Modified': modified };
    expect(judge(206, headers, byDate)).toMatchObject({ kind });
  });

  it('begins anew where the whole comes', () => {
    expect(judge(200, { ETag: '"v2"' }, rest)).toMatchObject({ kind: 'anew', content: { validator: '"v2"' } });
  });

  it.each([
    ['another length', { 'Content-Range': 'bytes 100-1999/2000' }],
    ['another ETag', { 'Content-Range': 'bytes 100-999/1000', ETag: '"v2"' }],
    ['an encoding', { 'Content-Range': 'bytes 100-999/1000', 'Content-Encoding': 'gzip' }],
  ])('outdates the part by %s', (_name, headers) => {
    expect(judge(206, headers, rest)).toEqual({ kind: 'outdated' });
  });

  it.each([
    ['another start', { 'Content-Range': 'bytes 99-999/1000' }],
    ['no range', {}],
    ['several ranges', { 'Content-Type': 'multipart/byteranges; boundary=x' }],
    ['a range that ends before it begins', { 'Content-Range': 'bytes 100-99/1000' }],
  ])('contradicts itself by %s', (_name, headers) => {
    expect(judge(206, headers, rest)).toMatchObject({ kind: 'contradiction' });
  });

  it('is whole where nothing follows', () => {
    expect(judge(416, { 'Content-Range': 'bytes */100' }, rest)).toEqual({ kind: 'whole' });
  });

  it.each([{ 'Content-Range': 'bytes */50' }, {}])(
    'outdates the part where there is no such range any more: %o',
    (headers) => {
      expect(judge(416, headers, rest)).toEqual({ kind: 'outdated' });
    },
  );

  it('is refused by its status', () => {
    expect(judge(404, {}, rest)).toEqual({ kind: 'refused' });
  });
});

/** So many seconds after some moment, as HTTP writes it. */
function at(seconds: number): string {
  return new Date(1_700_000_000_000 + seconds * 1000).toUTCString();
}
