import { execFileSync } from 'node:child_process';
import { mkdtemp, readFile, readlink, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { describeInLab } from '../lab/describe-in-lab.js';
import { type ClientRouterServer, clientRouterServer, createLab, type Lab } from '../lab/index.js';
import { CliProcess, type CliResult, NETPAUSE } from '../unit/cli/cli-process.js';

let lab: Lab;
let net: ClientRouterServer;
let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'netpause-cli-'));
  lab = await createLab();
  net = await clientRouterServer(lab);
});

afterEach(async () => {
  await lab?.dispose();
  await rm(folder, { recursive: true });
});

/** The server refuses the connection, which is an answer. */
const CHECKS = ['--check-host', '198.51.100.2', '--check-port', '9', '--check-timeout', '500ms'] as const;

describeInLab('netpause status, on a real network', [], () => {
  it('exits with 0 where it is up, and tells the way out', async () => {
    const { code, stdout } = await run('status', '--json', ...CHECKS);
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({
      state: 'up',
      reason: 'reachable',
      source: 'netlink',
      egress: { interface: 'eth0', gateway: '192.0.2.1', source: '192.0.2.2' },
    });
  });

  it('exits with 1 where the cable is pulled', async () => {
    await lab.pullCable('client');
    const { code, stdout } = await run('status', ...CHECKS);
    expect(code).toBe(1);
    expect(stdout).toMatch(/^network down \(no-carrier\): the cable/);
    expect(stdout).toMatch(/○ eth0 \(\w+, no carrier\)/);
  });

  it('exits with 3 where nothing answers that ever has, with 0 if that is allowed, and with 1 if it is known to answer', async () => {
    await lab.stopForwarding('router');
    expect(await run('status', ...CHECKS)).toMatchObject({
      code: 3,
      stdout: expect.stringMatching(/^network degraded \(unverified\)/),
    });
    expect(await run('status', '--allow-degraded', ...CHECKS)).toMatchObject({ code: 0 });
    expect(await run('status', '--trust-check-hosts', ...CHECKS)).toMatchObject({
      code: 1,
      stdout: expect.stringMatching(/^network down \(unreachable\)/),
    });
  });

  it('without a way out, and never having seen one, does not pretend to have asked', async () => {
    await net.client.configure(['route', 'del', 'default']);
    const { code, stdout } = await run('status', '198.51.100.2:9', '--no-checks');
    expect(code).toBe(3);
    expect(stdout).toContain('198.51.100.2:9 degraded (unverified): there is no way there, and nothing says that');
  });

  it('exits by the state of a destination, where it is asked for one', async () => {
    await net.client.configure(['route', 'add', 'unreachable', '203.0.113.0/24']);
    const { code, stdout } = await run('status', '203.0.113.9:22', ...CHECKS);
    // There has never been a way there, so that none was lost.
    expect(code).toBe(3);
    expect(stdout).toMatch(/^network up \(reachable\).*\n203\.0\.113\.9:22 degraded \(unverified\)/);
  });
});

describeInLab('netpause wait, on a real network', [], () => {
  it('is over when the network is back', async () => {
    await lab.pullCable('client');
    const waiting = start('wait', ...CHECKS);
    await waiting.complains('waiting: down (no-carrier)');
    await lab.plugIn('client');
    expect((await waiting.ended()).code).toBe(0);
  });

  it('is not over while nothing answers', async () => {
    await lab.stopForwarding('router');
    const waiting = start('wait', ...CHECKS);
    await waiting.complains('waiting: degraded (unverified)');
    await lab.startForwarding('router');
    expect((await waiting.ended()).code).toBe(0);
  });
});

describeInLab('netpause exec, on a real network', [], () => {
  it('ends a command that hangs in an outage, and runs it again when the network is back, without spending a retry', async () => {
    const command = `echo run; test -e ${folder}/once && exit 0; touch ${folder}/once; sleep 1000`;
    const running = start('exec', '--interrupt-after', '100ms', ...CHECKS, '--', 'sh', '-c', command);
    await running.says('run');
    await lab.pullCable('client');
    await running.complains('ending the command, to run it again');
    await running.complains('waiting for it');
    await lab.plugIn('client');
    expect(await running.ended()).toMatchObject({ code: 0, stdout: 'run\nrun\n' });
  });

  it('runs a command again that failed in an outage, and not one that failed without', async () => {
    const command = `echo run; read line; exit 3`;
    const running = start(
      'exec',
      '--interrupt-after',
      'never',
      '--trial-interval',
      'never',
      '--no-checks',
      '--',
      'sh',
      '-c',
      command,
    );
    await running.says('run');
    await lab.pullCable('client');
    running.child.stdin.write('fail\n');
    await running.complains('waiting for it');
    await lab.plugIn('client');
    await running.complains('going on');
    await running.says('run\nrun');
    running.child.stdin.end('fail\n');
    expect(await running.ended()).toMatchObject({ code: 3, stdout: 'run\nrun\n' });
  });
});

describeInLab('netpause exec, on a terminal', [], () => {
  it('leaves Ctrl-C to the command, which may go on', async () => {
    const { running } = await onTerminal('exec', '--no-checks', '--', 'bash', await script(COUNTING));
    await running.says('ready');
    running.child.stdin.write('\u0003');
    await running.says('interrupted');
    running.child.stdin.write('still there\n');
    await running.says(/\nstill there\r/);
    running.child.stdin.write('\u0004');
    expect((await running.ended()).code).toBe(4);
  });

  it('does not hand Ctrl-C on, which the terminal has sent to the command as well', async () => {
    // In a session of its own the command gets nothing from the terminal, so that all it gets is handed on.
    const { running, pid } = await onTerminal('exec', '--no-checks', '--', 'setsid', 'bash', await script(COUNTING));
    await running.says('ready');
    running.child.stdin.write('\u0003');
    // Its echo: by then the signal has been sent, and the next one comes behind it.
    await running.says('^C');
    process.kill(pid, 'SIGUSR1');
    await running.says('usr1');
    // By its next turn it has dealt with everything that it got.
    running.child.stdin.write('still there\n');
    await running.says(/\nstill there\r/);
    running.child.stdin.write('\u0004');
    const { code, stdout } = await running.ended();
    expect(code).toBe(4);
    expect(stdout).not.toContain('interrupted');
  });
});

const COUNTING = `
trap 'echo interrupted' INT
trap 'echo usr1' USR1
echo ready
while read -r line || [ $? -gt 128 ]; do echo "$line"; done
exit 4
`;

describeInLab('netpause doctor, on a real network', [], () => {
  it('finds what works, and what to do about the rest', async () => {
    await net.client.sysctl('net.ipv4.ping_group_range', '1 0');
    const { code, stdout } = await run('doctor', '--json', ...CHECKS);
    const { findings } = JSON.parse(stdout);
    const verdicts = Object.fromEntries(
      findings.map(({ subject, verdict }: { subject: string; verdict: string }) => [subject, verdict]),
    );
    expect({ code, verdicts }).toEqual({
      code: 0,
      verdicts: {
        FFI: 'works',
        netlink: 'works',
        // Its cable is a veth pair, as in a container.
        'carrier guard': 'limited',
        'way out': 'works',
        'check hosts': 'works',
        ICMP: 'unused',
      },
    });
    await net.client.sysctl('net.ipv4.ping_group_range', '0 2147483647');
    expect((await run('doctor', ...CHECKS)).stdout).toMatch(/✓ ICMP +unprivileged ping works/);
  });

  it('without a way out looks at the link that it had, and has the check hosts looked at later', async () => {
    await lab.pullCable('client');
    const { code, stdout } = await run('doctor', '--json', ...CHECKS);
    const { findings, facts } = JSON.parse(stdout);
    expect(code).toBe(1);
    expect(facts.guard).toMatchObject({ kind: 'answers', interface: 'eth0' });
    expect(findings).toContainEqual(
      expect.objectContaining({ subject: 'check hosts', advice: 'look again when there is a way out' }),
    );
  });

  it('exits with 1 where outages would not be noticed', async () => {
    const { code, stdout } = await run('doctor', '--no-netlink', ...CHECKS);
    expect(code).toBe(1);
    expect(stdout).toMatch(/✗ netlink/);
  });
});

const ENTER = '\u001b[?1049h';
const CORNER = '\u001b[1;1H';
const LEAVE = '\u001b[?25h\u001b[?1049l';

describeInLab('netpause watch, on a terminal', [], () => {
  it('shows an outage as it happens, and leaves the terminal as it was when q is pressed', async () => {
    const { running: watching } = await onTerminal('watch', ...CHECKS);
    await watching.says(/UP.*reachable/);
    await lab.pullCable('client');
    await watching.says(/DOWN.*no-carrier/);
    await lab.plugIn('client');
    await watching.says(/down → up/);
    watching.child.stdin.write('q');
    const { code, stdout } = await watching.ended();
    expect(code).toBe(0);
    expect(stdout.startsWith(ENTER)).toBe(true);
    expect(stdout.trimEnd().endsWith(`${LEAVE} echo`)).toBe(true);
  });

  it('follows the size of the terminal', async () => {
    const { running: watching, pid } = await onTerminal('watch', ...CHECKS);
    await watching.says(/UP.*reachable/);
    const terminal = await readlink(`/proc/${pid}/fd/0`);
    execFileSync('stty', ['-F', terminal, 'cols', '100', 'rows', '12']);
    // A frame begins in the corner, and has a line feed after every row but the last.
    await watching.saysSo((output) => output.split(CORNER).some((frame) => frame.split('\n').length === 12));
    watching.child.stdin.write('\u0003');
    expect((await watching.ended()).code).toBe(0);
  });

  it('leaves the terminal as it was when it is ended by a signal', async () => {
    const { running: watching, pid } = await onTerminal('watch', ...CHECKS);
    await watching.says(/UP.*reachable/);
    process.kill(pid, 'SIGTERM');
    const { code, stdout } = await watching.ended();
    expect(code).toBe(143);
    expect(stdout.trimEnd().endsWith(`${LEAVE} echo`)).toBe(true);
  });
});

/** Runs the command on a terminal of 80 × 24, whose keys are our standard input; after it, it is told whether that echoes again. */
async function onTerminal(...args: readonly string[]): Promise<{ readonly running: CliProcess; readonly pid: number }> {
  const pidFile = join(folder, 'pid');
  const command = [...NETPAUSE, ...args].map((word) => `'${word}'`).join(' ');
  // The shell gets Ctrl-C too, and some shells end by it once their command has ended in its own way, if they do not trap it.
  const line = `trap : INT; stty cols 80 rows 24; sh -c 'echo $$ > ${pidFile}; exec "$@"' sh ${command}; code=$?; stty -a | grep -o '[^-]\\becho\\b'; exit $code`;
  const words = ['script', '--quiet', '--return', '--command', line, '/dev/null'] as const;
  const running = new CliProcess(net.client.namespace.command(words));
  // Its first words: by then the file is written.
  await running.says(/\S/);
  return { running, pid: Number(await readFile(pidFile, 'utf8')) };
}

async function script(text: string): Promise<string> {
  const path = join(folder, 'command.sh');
  await writeFile(path, text);
  return path;
}

function start(...args: readonly string[]): CliProcess {
  const [program = '', ...words] = NETPAUSE;
  return new CliProcess(net.client.namespace.command([program, ...words, ...args]));
}

function run(...args: readonly string[]): Promise<CliResult> {
  const cli = start(...args);
  cli.child.stdin.end();
  return cli.ended();
}
