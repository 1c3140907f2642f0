import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { describe, expect, it, vi } from 'vitest';
import { runCli as runHere } from '../../../src/cli/cli.js';
import { writeDuration } from '../../../src/cli/options/duration.js';
import { resolveMonitorOptions } from '../../../src/monitor/monitor-options.js';
import { runCli, startCli } from './cli-process.js';

/** Nobody listens there, and a refusal is an answer: the host is reached over the loopback alone. */
const LOOPBACK = ['--check-host', '127.0.0.1', '--check-port', '9'] as const;

const ESCAPE = '\u001b';

describe('netpause', () => {
  it('tells its version', async () => {
    const { version } = JSON.parse(await readFile('package.json', 'utf8'));
    expect(await runCli(['--version'])).toEqual({ code: 0, stdout: `${version}\n`, stderr: '' });
  });

  it.each([
    [],
    ['watch'],
    ['status'],
    ['wait'],
    ['exec'],
    ['probe'],
    ['probe', 'tcp'],
    ['probe', 'http'],
    ['probe', 'dns'],
    ['probe', 'ping'],
    ['probe', 'trace'],
    ['probe', 'bandwidth'],
    ['probe', 'host'],
    ['monitor'],
    ['bandwidth-server'],
    ['ring'],
    ['ring', 'registry'],
    ['ring', 'member'],
    ['ring', 'demo'],
    ['doctor'],
    ['completion'],
    ['completion', 'bash'],
  ])('%j has a help with examples', async (...command) => {
    const { code, stdout, stderr } = await captured([...command, '--help']);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toMatch(/^Usage: netpause /);
    expect(stdout).toMatch(/\nExamples:\n {2}\$ \S/);
    expect(stdout.split('\n').filter((line) => line.length > 80)).toEqual([]);
  });

  it('names the defaults of the monitor in the help', async () => {
    const defaults = resolveMonitorOptions({});
    const hosts = defaults.checkHosts.map(({ host }) => host).join(', ');
    const { stdout } = await captured(['watch', '--help']);
    const help = stdout.replace(/\s+/g, ' ');
    for (const [flag, value] of [
      ['--check-host <host>', hosts],
      ['--check-port <port>', defaults.checkPorts.join(', ')],
      ['--check-interval <duration>', writeDuration(defaults.checkInterval)],
      ['--check-timeout <duration>', writeDuration(defaults.checkTimeout)],
      ['--interface <glob>', defaults.interfaces.join(', ')],
    ] as const) {
      expect(/\(default: ([^)]*)\)/.exec(help.slice(help.indexOf(flag)))?.[1]).toBe(value);
    }
  });

  it.each([
    [['frobnicate'], "unknown command 'frobnicate'"],
    [['status', '--jsno'], "unknown option '--jsno' (Did you mean --json?)"],
    [['wait', '--timeout', '30'], 'Give a number and a unit'],
    [['watch', '--check-port', '53', '--check-port', '99999'], '--check-port must be from 1 to 65535, but is 99999'],
    [['watch', '--check-interval', '50ms'], '--check-interval must be at least 100ms, but is 50ms'],
    [
      ['status', '--check-host', '192.0.2.1', '--check-host', '127.0.0.1:443'],
      "--check-host '127.0.0.1:443' is no address, name or http(s) URL; name ports by --check-port",
    ],
    [['exec', '--mark', '0xzz', '--', 'true'], 'Give a whole number: 42 or 0x2a'],
    [['status', '--no-checks', 'not a host'], 'the destination must be'],
    [['wait', '--no-checks', 'example.com', '--via', 'a b'], '--via must be'],
    [['exec', '--no-checks', '--final', '0', '--', 'true'], '--final must be an exit code from 1 to 255, but is 0'],
    [
      ['exec', '--no-checks', '--retries', '1.5', '--', 'true'],
      '--retries must be a whole number, at least 0, but is 1.5',
    ],
    [['wait', '--no-checks', '--via', 'proxy.example.com:3128'], '--via says how a destination is reached'],
    [['exec'], "missing required argument 'command'"],
    [['watch', '--no-checks', '--check-host', '127.0.0.1'], 'cannot be used with'],
  ])('%j is wrong usage: one line, and exit code 2', async (args, complaint) => {
    const { code, stdout, stderr } = await captured(args);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toContain(complaint);
    expect(stderr).toMatch(/^netpause: [^\n]+\n$/);
  });
});

describe('netpause status', () => {
  it('says how the network stands, and exits by that', async () => {
    const { code, stdout, stderr } = await runCli(['status', ...LOOPBACK]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toMatch(/^network up \(reachable\): everything that was asked answers\nway out +lo/);
    expect(stdout).not.toContain(ESCAPE);
  });

  it('says it as one line of JSON', async () => {
    const { stdout } = await runCli(['status', '127.0.0.1:9', '--json', ...LOOPBACK]);
    expect(stdout.trimEnd().split('\n')).toHaveLength(1);
    expect(JSON.parse(stdout)).toMatchObject({
      state: 'up',
      reason: 'reachable',
      checks: [{ host: '127.0.0.1', port: 9, reachable: true }],
      destination: { destination: '127.0.0.1:9', state: 'up', reason: 'reachable' },
      since: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/),
    });
  });

  it('says of a destination how the way there stands, and that it was not asked itself', async () => {
    const { stdout } = await runCli(['status', '127.0.0.1:22', ...LOOPBACK]);
    expect(stdout).toContain(
      '127.0.0.1:22 up (reachable): the way there stands; the destination itself was not asked (netpause wait 127.0.0.1:22 does)',
    );
  });

  it('is coloured where colour is forced', async () => {
    const { stdout } = await runCli(['status', ...LOOPBACK], { env: { FORCE_COLOR: '1' } });
    expect(stdout).toContain(`${ESCAPE}[32mup${ESCAPE}[39m`);
  });
});

describe('netpause wait', () => {
  it('is over when the destination accepts a connection', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const address = server.address();
    const port = typeof address === 'object' ? address?.port : undefined;
    expect(await runCli(['wait', `127.0.0.1:${port}`, '--no-checks'])).toEqual({ code: 0, stdout: '', stderr: '' });
    server.close();
  });

  it('gives up after its time, with 124 and what was in the way', async () => {
    const { code, stderr } = await runCli(['wait', '127.0.0.1:9', '--no-checks', '--timeout', '300ms', '--quiet']);
    expect(code).toBe(124);
    expect(stderr).toBe('netpause: gave up after 300 ms: connect ECONNREFUSED 127.0.0.1:9\n');
  });

  it('is ended by a signal', async () => {
    const cli = startCli(['wait', '127.0.0.1:9', '--no-checks']);
    await cli.complains('waiting: connect ECONNREFUSED');
    cli.child.kill('SIGTERM');
    expect((await cli.ended()).code).toBe(143);
  });
});

describe('netpause exec', () => {
  it('passes the terminal, the arguments and the exit code through', async () => {
    const cli = startCli(['exec', '--no-checks', '--', 'sh', '-c', 'cat; echo "$1" >&2; exit 42', 'sh', '--retries']);
    cli.child.stdin.end('hello');
    expect(await cli.ended()).toEqual({ code: 42, stdout: 'hello', stderr: '--retries\n' });
  });

  it('takes the options of the command for its own only before the command', async () => {
    expect(await runCli(['exec', '--no-checks', 'echo', '--help', '-q'])).toMatchObject({
      code: 0,
      stdout: '--help -q\n',
    });
  });

  it.each([
    ['netpause-no-such-command', 127, 'command not found'],
    ['/etc/passwd', 126, 'permission denied'],
    ['/etc/passwd/x', 126, 'cannot be started (ENOTDIR)'],
    ['', 127, 'command not found'],
  ])('exits as a shell does for %s, and says what it would say', async (command, code, reason) => {
    const result = await runCli(['exec', '--no-checks', '--', command]);
    expect(result).toMatchObject({ code, stderr: `netpause: ${command}: ${reason}\n` });
  });

  it.each([
    ['SIGTERM', 143],
    ['SIGINT', 130],
    ['SIGHUP', 129],
  ] as const)('forwards %s, and exits as the command does', async (signal, code) => {
    const cli = startCli([
      'exec',
      '--no-checks',
      '--retries',
      'forever',
      '--',
      'sh',
      '-c',
      'echo ready; exec sleep 1000',
    ]);
    await cli.says('ready');
    cli.child.kill(signal);
    expect((await cli.ended()).code).toBe(code);
  });

  it('lets the command take a signal as it likes', async () => {
    const script = "trap 'echo again' USR1; trap 'exit 5' TERM; echo ready; while :; do sleep 0.05; done";
    const cli = startCli(['exec', '--no-checks', '--', 'sh', '-c', script]);
    await cli.says('ready');
    cli.child.kill('SIGUSR1');
    await cli.says('again');
    cli.child.kill('SIGTERM');
    expect((await cli.ended()).code).toBe(5);
  });

  it('repeats what fails by itself, and says so on standard error alone', async () => {
    const { code, stdout, stderr } = await runCli([
      'exec',
      '--no-checks',
      '--retries',
      '1',
      '--min-timeout',
      '1ms',
      '--',
      'sh',
      '-c',
      'echo run; exit 3',
    ]);
    expect({ code, stdout }).toEqual({ code: 3, stdout: 'run\nrun\n' });
    expect(stderr).toBe('netpause: the command failed (exit code 3), retries left: 1\n');
  });
});

describe('netpause watch', () => {
  it('in a pipe prints lines, until it is ended', async () => {
    const cli = startCli(['watch', ...LOOPBACK]);
    await cli.says('network state changed from=unknown to=up reason=reachable interface=lo');
    await cli.says('connectivity check succeeded host=127.0.0.1 port=9');
    cli.child.kill('SIGINT');
    const { code, stdout } = await cli.ended();
    expect(code).toBe(130);
    expect(stdout).not.toContain('stopped');
    for (const line of stdout.trimEnd().split('\n')) expect(line).toMatch(/^\d{4}-\d\d-\d\dT[\d:.]+Z \S/);
  });

  it('with --json prints what is there, then every event, a line each', async () => {
    const cli = startCli(['watch', '--json', '127.0.0.1:9', ...LOOPBACK]);
    await cli.says('"event":"check"');
    await cli.says('"event":"snapshot"');
    cli.child.kill('SIGTERM');
    const { code, stdout } = await cli.ended();
    expect(code).toBe(143);
    const events = stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(events[0]).toMatchObject({ event: 'snapshot', since: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/) });
    for (const event of events) expect(Object.keys(event).slice(0, 2)).toEqual(['time', 'event']);
    expect(events).toContainEqual(expect.objectContaining({ event: 'state', from: 'unknown', to: 'up' }));
    expect(events).toContainEqual(
      expect.objectContaining({ event: 'check', host: '127.0.0.1', port: 9, reachable: true }),
    );
    expect(events).toContainEqual(
      expect.objectContaining({
        event: 'snapshot',
        destinations: [expect.objectContaining({ destination: '127.0.0.1:9' })],
      }),
    );
  });

  it('ends when nobody reads it any more', async () => {
    const cli = startCli(['watch', '--json', '--check-interval', '100ms', ...LOOPBACK]);
    await cli.says('"event"');
    cli.child.stdout.destroy();
    expect((await cli.ended()).code).toBe(141);
  });
});

it('netpause completion prints the script of a shell', async () => {
  const { code, stdout } = await runCli(['completion', 'bash']);
  expect(code).toBe(0);
  expect(stdout).toMatch(/^# netpause completion for bash\n/);
});

/** Runs the command in this very process, which is quick, and as good where nothing is started. */
async function captured(args: readonly string[]) {
  const output = { stdout: '', stderr: '' };
  const capture = (name: 'stdout' | 'stderr') =>
    vi.spyOn(process[name], 'write').mockImplementation((text) => {
      output[name] += text;
      return true;
    });
  const spies = [capture('stdout'), capture('stderr')];
  try {
    return { code: await runHere(args), ...output };
  } finally {
    for (const spy of spies) spy.mockRestore();
  }
}
