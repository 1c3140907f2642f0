import { afterEach, beforeEach, expect, it } from 'vitest';
import { describeInLab } from '../../lab/describe-in-lab.js';
import { createLab, type Host, type Lab } from '../../lab/index.js';
import type { CliProcess } from '../../unit/cli/cli-process.js';
import { Commands } from './command.js';

const TARGET = '192.0.2.2:8757';
const QUICK = ['--no-checks', '--duration', '1s'] as const;

describeInLab('netpause bandwidth-server and netpause probe bandwidth', ['tc'], () => {
  const commands = new Commands();
  let lab: Lab;
  let client: Host;
  let server: Host;

  beforeEach(async () => {
    lab = await createLab();
    [client, server] = await Promise.all([lab.host('client'), lab.host('server')]);
    await lab.link(client, server, { addresses: ['192.0.2.1/24', '192.0.2.2/24'], rate: 1e8 });
  });
  afterEach(async () => {
    commands.end();
    await lab?.dispose();
  });

  const serve = async (...args: readonly string[]): Promise<CliProcess> => {
    const serving = commands.start(server, 'bandwidth-server', '--host', '0.0.0.0', ...args);
    await serving.complains('listening on 0.0.0.0:8757');
    return serving;
  };
  const probe = (...args: readonly string[]) => commands.start(client, 'probe', 'bandwidth', TARGET, ...QUICK, ...args);

  it('measure a link of 100 Mbit/s, on a terminal too', async () => {
    const serving = await serve('--allow', '192.0.2.0/24');
    const { code, stdout } = await probe().ended();
    expect(code).toBe(0);
    expect(stdout).toMatch(/\n {2}download +[\d.]+ Mbit\/s, /);
    expect(stdout).toMatch(/\n {2}upload +[\d.]+ Mbit\/s, /);
    expect(stdout).toMatch(/sent again.*, rtt under load [\d.]+ ms \/ [\d.]+ ms \/ [\d.]+ ms, [\d.]+ ms before/);
    const args = [
      'probe',
      'bandwidth',
      TARGET,
      ...QUICK,
      '--direction',
      'upload',
      '--count',
      'forever',
      '--interval',
      '50ms',
    ];
    const screen = commands.onTerminal(client, ...args);
    await screen.says(/DOWNLOAD +UPLOAD +SENT AGAIN/);
    await screen.says(/192\.0\.2\.2:8757 +- +[\d.]+ Mbit\/s/);
    screen.child.stdin.write('q');
    expect(await screen.ended()).toMatchObject({ code: 0, stdout: expect.stringMatching(/upload min\/avg\/max \d/) });
    serving.child.kill('SIGTERM');
    expect((await serving.ended()).code).toBe(0);
  });

  it('refuse whom nobody has named', async () => {
    const serving = await serve();
    expect(serving.stderr).toContain('for this host alone; others are refused');
    const { code, stdout } = await probe().ended();
    expect({ code, stdout }).toEqual({ code: 1, stdout: expect.stringContaining('failed (forbidden, target)') });
  });

  it('blame nobody for an outage in the middle', async () => {
    await serve('--allow', '192.0.2.1');
    const running = probe('--duration', '15s', '--max-bytes', '100GB', '--direction', 'download');
    // Megabytes are on their way when the interface has carried some.
    await client.exec('sh', [
      '-c',
      'until [ "$(cat /sys/class/net/eth0/statistics/rx_bytes)" -gt 2000000 ]; do :; done',
    ]);
    await lab.pullCable('client');
    const { code, stdout } = await running.ended();
    expect(stdout).toMatch(/^! 192\.0\.2\.2:8757 inconclusive \(offline, local\)/);
    expect(stdout).toMatch(/\n {2}download .* \(until it failed\)/);
    expect(code).toBe(3);
  });
});
