import { pino } from 'pino';
import { afterEach, describe, expect, it, vi } from 'vitest';
import {
  describeError,
  errorType,
  type LogFunction,
  type Logger,
  type LogRecord,
  loggerRule,
  writeLog,
} from '../../../src/log/index.js';

afterEach(() => vi.restoreAllMocks());

function lineOf(fields: Record<string, string | number | boolean | undefined>): string {
  const lines: string[] = [];
  const note = (line: string): void => void lines.push(line);
  writeLog({ debug: note, info: note, warn: note, error: note }, { level: 'info', message: 'it happened', fields });
  return lines.join('\n');
}

describe('a line', () => {
  it('says what happened and then the particulars, as logfmt', () => {
    expect(lineOf({ from: 'up', to: 'down', attempt: 2, trial: true })).toBe(
      'it happened from=up to=down attempt=2 trial=true',
    );
  });

  it('leaves out what is not known', () => {
    expect(lineOf({ operation: undefined, attempt: 1 })).toBe('it happened attempt=1');
  });

  it.each([
    ['', '""'],
    ['two words', '"two words"'],
    ['a=b', '"a=b"'],
    ['say "hi"', '"say \\"hi\\""'],
    ['C:\\temp', '"C:\\\\temp"'],
    ['übergröße', 'übergröße'],
  ])('quotes %j where it must', (value, written) => {
    expect(lineOf({ name: value })).toBe(`it happened name=${written}`);
  });

  it.each([
    ['a line end', 'x\ny', '"x\\ny"'],
    ['a carriage return', 'x\ry', '"x\\ry"'],
    ['a tab', 'x\ty', '"x\\ty"'],
    ["a terminal's escape sequence", 'x\u001b[2Jy', '"x\\u001b[2Jy"'],
    ['a C1 control', 'x\u009by', '"x\\u009by"'],
    ['a line separator', 'x\u2028y', '"x\\u2028y"'],
    ['a change of the writing direction', 'x\u202ey', '"x\\u202ey"'],
    ['half a surrogate pair', 'x\ud800y', '"x\\ud800y"'],
    ['an invisible character outside the first plane', 'x\u{e0041}y', '"x\\udb40\\udc41y"'],
  ])('escapes %s, so that one record stays one harmless line', (_what, value, written) => {
    expect(lineOf({ name: value })).toBe(`it happened name=${written}`);
  });

  it.each([
    ['https://ada:secret@example.com/x', 'https://example.com/x'],
    ['https://ada:p@ss@example.com/x', 'https://example.com/x'],
    ['sftp://token@192.0.2.1:22', 'sftp://192.0.2.1:22'],
    ['https://example.com/key?X-Amz-Signature=abc&x=1', 'https://example.com/key?…'],
    ['https://example.com/key#token', 'https://example.com/key?…'],
    ['https://example.com/key', 'https://example.com/key'],
  ])('keeps what is secret in %s to itself', (value, written) => {
    expect(lineOf({ name: value })).toBe(`it happened name=${written}`);
  });

  it('finds such a URL in the midst of a message', () => {
    expect(lineOf({ error: 'GET https://ada:secret@example.com/a?t=1 failed' })).toBe(
      'it happened error="GET https://example.com/a?… failed"',
    );
  });

  it('is no longer than a log should have to carry', () => {
    expect(lineOf({ name: 'x'.repeat(1_000_000) }).length).toBeLessThan(600);
  });
});

describe('what was thrown', () => {
  it.each([
    [Object.assign(new Error('read ECONNRESET'), { code: 'ECONNRESET' }), 'read ECONNRESET'],
    [Object.assign(new Error('fetch failed'), { code: 'UND_ERR_SOCKET' }), 'UND_ERR_SOCKET: fetch failed'],
    [Object.assign(new AggregateError([]), { code: 'ETIMEDOUT' }), 'ETIMEDOUT'],
    [new TypeError('no function'), 'TypeError: no function'],
    [
      new TypeError('fetch failed', {
        cause: Object.assign(new Error('connect ECONNREFUSED 192.0.2.1:443'), { code: 'ECONNREFUSED' }),
      }),
      'TypeError: fetch failed: connect ECONNREFUSED 192.0.2.1:443',
    ],
    [Object.assign(new TypeError('x'), { message: { status: 503 } }), 'TypeError: { status: 503 }'],
    [Object.assign(new Error('refused'), { name: /Refusal/ }), 'Error: refused'],
    ['text', 'text'],
    [undefined, 'undefined'],
    [{ status: 503 }, '{ status: 503 }'],
  ])('stands in the fields in a few words, and in the record as it was: %s', (error, described) => {
    const records: LogRecord[] = [];
    writeLog((record) => records.push(record), { level: 'error', message: 'failed', fields: {}, error });
    expect(records).toEqual([{ level: 'error', message: 'failed', fields: { error: described }, error }]);
  });
});

describe('the kind of what was thrown', () => {
  it.each([
    [Object.assign(new Error('x'), { code: 'ECONNRESET' }), 'ECONNRESET'],
    [new TypeError('fetch failed', { cause: Object.assign(new Error('x'), { code: 'ENOTFOUND' }) }), 'ENOTFOUND'],
    [new RangeError('x'), 'RangeError'],
    [Object.assign(new Error('x'), { name: { first: 'x' } }), 'Error'],
    ['text', 'string'],
  ])('is the first code among its causes, or its class: %s', (thrown, kind) => {
    expect(errorType(thrown)).toBe(kind);
  });

  it('is found where an error is its own cause', () => {
    const error = new Error('x');
    error.cause = error;
    expect(errorType(error)).toBe('Error');
    expect(describeError(error)).toMatch(/^Error: x(: Error: x)+$/);
  });
});

describe('a logger', () => {
  it('gets one line, on its level, as a method', () => {
    class Keeper implements Logger {
      readonly lines: unknown[] = [];
      debug = (...line: unknown[]): void => void this.lines.push(['debug', ...line]);
      info(...line: unknown[]): void {
        this.lines.push(['info', ...line]);
      }
      warn(...line: unknown[]): void {
        this.lines.push(['warn', ...line]);
      }
      error(...line: unknown[]): void {
        this.lines.push(['error', ...line]);
      }
    }
    const keeper = new Keeper();
    for (const level of ['debug', 'info', 'warn', 'error'] as const) {
      writeLog(keeper, { level, message: 'said', fields: { level } });
    }
    expect(keeper.lines).toEqual(['debug', 'info', 'warn', 'error'].map((level) => [level, `said level=${level}`]));
  });

  it('can be console', () => {
    const warn = vi.spyOn(console, 'warn').mockImplementation(() => {});
    writeLog(console, { level: 'warn', message: 'said', fields: { name: '100%s' } });
    expect(warn.mock.calls).toEqual([['said name=100%s']]);
  });

  it('can be pino, which gets the line as its msg', () => {
    const lines: string[] = [];
    const logger = pino({ base: null, timestamp: false }, { write: (line: string) => void lines.push(line) });
    writeLog(logger, { level: 'warn', message: 'said', fields: { name: '100%s', attempt: 2 } });
    writeLog(logger, { level: 'debug', message: 'whispered', fields: {} });
    expect(lines.map((line) => JSON.parse(line))).toEqual([{ level: 40, msg: 'said name=100%s attempt=2' }]);
  });

  it('can be a function, which gets the record and so can give pino its fields', () => {
    const lines: string[] = [];
    const logger = pino({ base: null, timestamp: false }, { write: (line: string) => void lines.push(line) });
    const log: LogFunction = ({ level, message, fields }) => logger[level](fields, message);
    writeLog(log, { level: 'warn', message: 'said', fields: { attempt: 2, trial: undefined } });
    expect(lines.map((line) => JSON.parse(line))).toEqual([{ level: 40, attempt: 2, msg: 'said' }]);
  });

  it('that is a function with methods is called by its methods', () => {
    const warn = vi.fn();
    const logger = Object.assign(vi.fn(), { debug: vi.fn(), info: vi.fn(), warn, error: vi.fn() });
    writeLog(logger, { level: 'warn', message: 'said', fields: {} });
    expect(warn.mock.calls).toEqual([['said']]);
    expect(logger).not.toHaveBeenCalled();
  });

  it('that throws or rejects harms nothing', async () => {
    const warned = vi.spyOn(process, 'emitWarning').mockImplementation(() => {});
    const entry = { level: 'info', message: 'said', fields: {} } as const;
    const refuse = (): never => {
      throw new Error('the disk is full');
    };
    writeLog({ debug: refuse, info: refuse, warn: refuse, error: refuse }, entry);
    writeLog(() => Promise.reject(new Error('the disk is fuller')), entry);
    await vi.waitFor(() => expect(warned).toHaveBeenCalledTimes(2));
  });

  it('is not harmed by an error that cannot be read', () => {
    const warned = vi.spyOn(process, 'emitWarning').mockImplementation(() => {});
    const error = Object.defineProperty(new Error('x'), 'message', {
      get: () => {
        throw new Error('no');
      },
    });
    expect(() => writeLog(() => {}, { level: 'info', message: 'said', fields: {}, error })).not.toThrow();
    expect(warned).toHaveBeenCalledOnce();
  });
});

describe('the option logger', () => {
  it.each([console, pino({ enabled: false }), () => {}])('takes a logger', (logger) => {
    expect(loggerRule.accepts(logger)).toBe(true);
  });

  it.each([null, 'console', 1, true, {}, { debug() {}, info() {}, error() {} }])('refuses %s', (value) => {
    expect(loggerRule.accepts(value)).toBe(false);
  });
});
