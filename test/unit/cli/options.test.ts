import { Command, InvalidArgumentError } from 'commander';
import { describe, expect, it } from 'vitest';
import { parseBytes } from '../../../src/cli/options/bytes.js';
import { parseDuration, parseDurationOrNever, writeDuration } from '../../../src/cli/options/duration.js';
import { describeInvalidFlag } from '../../../src/cli/options/invalid-flag.js';
import { addMonitorFlags, type MonitorFlags, monitorOptionsOf } from '../../../src/cli/options/monitor-flags.js';
import { parseCount, parseMark, parseNumber } from '../../../src/cli/options/number.js';
import { InvalidOptionError } from '../../../src/errors/index.js';
import { NetworkMonitor } from '../../../src/monitor/index.js';

describe('a duration', () => {
  it.each([
    ['0', 0],
    ['500ms', 500],
    ['1.5s', 1_500],
    ['2m', 120_000],
    ['3h', 10_800_000],
    ['1d', 86_400_000],
  ])('%s is %d ms', (text, expected) => {
    expect(parseDuration(text)).toBe(expected);
  });

  it.each(['30', '', 's', '-1s', '1 s', '1e3ms', '2w', 'never'])('%j is refused: a unit is not guessed', (text) => {
    expect(() => parseDuration(text)).toThrow(InvalidArgumentError);
  });

  it('may be never, where there may be no limit', () => {
    expect(parseDurationOrNever('never')).toBe(Number.POSITIVE_INFINITY);
    expect(parseDurationOrNever('2s')).toBe(2_000);
  });
});

describe('a duration that is written', () => {
  it.each([
    [0, '0'],
    [0.5, '0.5ms'],
    [50, '50ms'],
    [1_234, '1234ms'],
    [1_500, '1.5s'],
    [60_000, '1m'],
    [86_400_000, '1d'],
    [Number.POSITIVE_INFINITY, 'never'],
  ])('of %d ms is %s, and can be read again', (duration, expected) => {
    expect(writeDuration(duration)).toBe(expected);
    expect(parseDurationOrNever(expected)).toBe(duration);
  });
});

describe('a number', () => {
  it.each(['', 'x', '-1', '1e3', '0x10', ' 1', 'Infinity'])('%j is none', (text) => {
    expect(() => parseNumber(text)).toThrow(InvalidArgumentError);
  });

  it('of retries may be forever', () => {
    expect(parseCount('forever')).toBe(Number.POSITIVE_INFINITY);
    expect(parseCount('3')).toBe(3);
  });
});

describe('a mark', () => {
  it.each([
    ['42', 42],
    ['0x2a', 42],
    ['0X2A', 42],
  ])('%s is %d', (text, expected) => {
    expect(parseMark(text)).toBe(expected);
  });

  it.each(['', '-1', '1.5', '0x', '0xg', '2a'])('%j is none', (text) => {
    expect(() => parseMark(text)).toThrow(InvalidArgumentError);
  });
});

describe('the flags of the monitor', () => {
  it('left out, leave the defaults to the monitor', () => {
    const options = monitorOptionsOf(parse());
    expect(Object.values(options).filter((value) => value !== undefined)).toEqual([true]);
    expect(options.enableNetlink).toBe(true);
    expect(() => new NetworkMonitor(options)).not.toThrow();
  });

  it('are the options of the monitor, each by its own name', () => {
    const flags = parse(
      ...['--check-host', '192.0.2.1', '--check-host', 'https://example.com/204', '--check-port', '53'],
      ...['--check-port', '443', '--check-interval', '5s', '--check-timeout', '500ms', '--trust-check-hosts'],
      ...['--interface', 'eth*', '--interface', 'wl?0', '--no-netlink'],
    );
    expect(monitorOptionsOf(flags)).toEqual({
      checkHosts: ['192.0.2.1', 'https://example.com/204'],
      checkPorts: [53, 443],
      checkInterval: 5_000,
      checkTimeout: 500,
      trustCheckHosts: true,
      interfaces: ['eth*', 'wl?0'],
      enableNetlink: false,
    });
  });

  it('with --no-checks ask nobody', () => {
    expect(monitorOptionsOf(parse('--no-checks')).checkHosts).toEqual([]);
  });

  it('do not ask somebody and nobody', () => {
    expect(() => parse('--no-checks', '--check-host', '192.0.2.1')).toThrow(/cannot be used with/);
  });
});

describe('what the library says of an option', () => {
  it.each([
    ['NetworkMonitor: checkHosts', '--check-host'],
    ['NetworkMonitor: checkTimeout', '--check-timeout'],
    ['NetworkMonitor: interfaces', '--interface'],
    ['Retryer: minTimeout', '--min-timeout'],
    ['target: destination', 'the destination'],
    ['target: via', '--via'],
  ])('%s is said of %s', async (option, flag) => {
    const error = new InvalidOptionError(option, 7, 'something else');
    expect(await describeInvalidFlag(error)).toBe(`${flag} must be something else, but is 7`);
  });
});

describe('what is said of the value of a flag', () => {
  it.each([
    [
      { checkHosts: ['192.0.2.1', 'a b'] },
      "--check-host 'a b' is no address, name or http(s) URL; name ports by --check-port",
    ],
    [{ checkHosts: Array.from({ length: 40 }, () => '192.0.2.1') }, '--check-host is given too often: 40 times'],
    [{ checkPorts: [53, 0] }, '--check-port must be from 1 to 65535, but is 0'],
    [{ interfaces: ['eth*', ''] }, "--interface must be a name or glob, but is ''"],
    [{ checkTimeout: 5 }, '--check-timeout must be at least 10ms, but is 5ms'],
    [{ checkInterval: 2_592_000_000 }, '--check-interval must be at most 24.8d, but is 30d'],
  ])('%j: %s', async (options, expected) => {
    const error = thrownBy(() => new NetworkMonitor(options));
    expect(error).toBeInstanceOf(InvalidOptionError);
    if (error instanceof InvalidOptionError) expect(await describeInvalidFlag(error)).toBe(expected);
  });
});

function thrownBy(work: () => unknown): unknown {
  try {
    work();
  } catch (error) {
    return error;
  }
  return undefined;
}

function parse(...args: readonly string[]): MonitorFlags {
  const command = addMonitorFlags(new Command('test').exitOverride().configureOutput({ writeErr: () => {} }));
  return command.parse(args, { from: 'user' }).opts<MonitorFlags>();
}

describe('a number of bytes', () => {
  it.each([
    ['1048576B', 1_048_576],
    ['1.5kB', 1_500],
    ['256MB', 256_000_000],
    ['256 MiB', 268_435_456],
    ['1gib', 1_073_741_824],
  ])('%s is %d', (text, bytes) => {
    expect(parseBytes(text)).toBe(bytes);
  });

  it.each(['256', 'MB', '-1MB', '1TB', '1e3B', '', '1 MB/s'])('%j is none', (text) => {
    expect(() => parseBytes(text)).toThrow(InvalidArgumentError);
  });
});
