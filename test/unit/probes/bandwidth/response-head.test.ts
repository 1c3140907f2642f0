import { describe, expect, it } from 'vitest';
import { readFinalHead } from '../../../../src/probes/bandwidth/response-head.js';

const read = (text: string) => readFinalHead(Buffer.from(text, 'latin1'));

describe('the head of a response', () => {
  it('is read when it is complete', () => {
    const text = 'HTTP/1.1 200 OK\r\nContent-Type: application/octet-stream\r\ncontent-length:  10 \r\n\r\n';
    expect(read(`${text}0123456789`)).toEqual({
      status: 200,
      length: text.length,
      contentLength: 10,
      mediaType: 'application/octet-stream',
    });
    for (let end = 0; end < text.length; end += 1) expect(read(text.slice(0, end))).toBeUndefined();
  });

  it('may say next to nothing', () => {
    expect(read('HTTP/1.0 404\r\n\r\n')).toEqual({ status: 404, length: 16 });
    const chunked = 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nContent-Length: 7\r\n\r\n';
    expect(read(chunked)).toEqual({ status: 200, length: chunked.length });
  });

  it('comes behind interim ones, of which 101 is none', () => {
    const interim = 'HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n';
    const final = 'HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n';
    expect(read(interim)).toBeUndefined();
    expect(read(`${interim}${final}`)).toEqual({
      status: 200,
      length: interim.length + final.length,
      contentLength: 5,
    });
    expect(read('HTTP/1.1 101 Switching Protocols\r\n\r\n')).toMatchObject({ status: 101 });
    expect(read('HTTP/1.1 100 Continue\r\n\r\n'.repeat(1_000))).toBe('malformed');
  });

  it('names the type of the body in any case, and with parameters', () => {
    const text = 'HTTP/1.1 200 OK\r\nContent-Type: Application/Octet-Stream ; charset=binary\r\n\r\n';
    expect(read(text)).toMatchObject({ mediaType: 'application/octet-stream' });
  });

  it('takes no longer for a value with many spaces in it', () => {
    const text = `HTTP/1.1 200 OK\r\nA: b${' '.repeat(120_000)}c\r\nContent-Length: 5\r\n\r\n`;
    expect(read(text)).toMatchObject({ contentLength: 5 });
  });

  it.each([
    ['no HTTP', 'SSH-2.0-OpenSSH_9.2\r\n\r\n'],
    ['another version', 'HTTP/2 200 OK\r\n\r\n'],
    ['a status that is none', 'HTTP/1.1 999 OK\r\n\r\n'],
    ['a line that is no field', 'HTTP/1.1 200 OK\r\nno field\r\n\r\n'],
    ['a folded line', 'HTTP/1.1 200 OK\r\nA: b\r\n c\r\n\r\n'],
    ['a length that is none', 'HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n'],
    ['two lengths', 'HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n'],
    ['more than a head can be', `HTTP/1.1 200 OK\r\nA: ${'b'.repeat(16_384)}`],
  ])('is none: %s', (_, text) => {
    expect(read(text)).toBe('malformed');
  });
});
