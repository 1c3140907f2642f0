import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SseParser } from '../../../src/dashboard/parts/live/sse-parser.js';

/** HTML Standard, section 9.2.6; the examples are those of its text. */
describe('the parser of server-sent events', () => {
  const parse = (...pieces: string[]) => {
    const parser = new SseParser();
    return pieces.flatMap((piece) => parser.push(piece)).map(({ event, data }) => [event, data]);
  };

  it.each([
    ['data of one line', 'data: hello\n\n', [['message', 'hello']]],
    ['data of several lines', 'data: YHOO\ndata: +2\ndata: 10\n\n', [['message', 'YHOO\n+2\n10']]],
    ['a name', 'event: change\ndata: {}\n\n', [['change', '{}']]],
    [
      'a name, for one event only',
      'event: a\ndata: 1\n\ndata: 2\n\n',
      [
        ['a', '1'],
        ['message', '2'],
      ],
    ],
    ['comments', ': ping\n\n:\n\ndata: x\n\n', [['message', 'x']]],
    [
      'one space after the colon, not two',
      'data:test\n\ndata: test\n\ndata:  test\n\n',
      [
        ['message', 'test'],
        ['message', 'test'],
        ['message', ' test'],
      ],
    ],
    [
      'fields without a colon',
      'data\n\ndata\ndata\n\ndata:',
      [
        ['message', ''],
        ['message', '\n'],
      ],
    ],
    ['an event without data, not', 'event: a\n\ndata: b\n\n', [['message', 'b']]],
    [
      'fields that it does not know, not',
      'foo: 1\nid: 7\nretry: 3\nDATA: 2\n data: 3\ndata: b\n\n',
      [['message', 'b']],
    ],
    [
      'CR, LF and CRLF',
      'data: a\r\rdata: b\r\n\r\ndata: c\n\ndata: d\r\n\ndata: e\n\r\n',
      [...'abcde'].map((data) => ['message', data]),
    ],
    ['a byte order mark at the begin', '\uFEFFdata: a\n\n\uFEFFdata: b\n\n', [['message', 'a']]],
    ['what is incomplete at the end, not', 'data: a\n\ndata: b\n', [['message', 'a']]],
  ])('takes %s', (_name, text, events) => {
    expect(parse(text)).toEqual(events);
    expect(parse(...text)).toEqual(events);
  });

  it('gives the same however the text is cut', () => {
    const line = fc.constantFrom(
      'data: a',
      'data',
      'event: e',
      'id: 7',
      ': c',
      '',
      'retry: 3',
      'x: y',
      '\uFEFF',
      'data:b:c',
    );
    const lines = fc.array(fc.tuple(line, fc.constantFrom('\n', '\r', '\r\n')), { maxLength: 20 });
    fc.assert(
      fc.property(lines, fc.array(fc.nat(40), { maxLength: 6 }), (parts, cuts) => {
        const text = parts.flat().join('');
        const places = [...new Set(cuts)].sort((a, b) => a - b);
        const pieces = [0, ...places].map((begin, index) => text.slice(begin, places[index]));
        // A CR at the very end waits for an LF.
        expect(parse(...pieces, 'z')).toEqual(parse(`${text}z`));
      }),
    );
  });
});
