import { createServer as createHttpServer } from 'node:http';
import { type AddressInfo, createServer, type Server } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { captured } from '../captured.js';
import { startCli } from '../cli-process.js';

let server: Server;
let http: ReturnType<typeof createHttpServer>;
let open: string;
let url: string;
/** Nothing listens there. */
const CLOSED = '127.0.0.1:9';

beforeAll(async () => {
  server = createServer((socket) => socket.on('error', () => {}).end('220 hello\r\n'));
  http = createHttpServer((_request, response) => response.end('all is well'));
  await Promise.all([server, http].map((each) => new Promise<void>((done) => each.listen(0, '127.0.0.1', done))));
  open = `127.0.0.1:${portOf(server)}`;
  url = `http://127.0.0.1:${portOf(http)}/`;
});

afterAll(() => {
  server.close();
  http.close();
  http.closeAllConnections();
});

function portOf(of: Pick<Server, 'address'>): number {
  const address: AddressInfo | string | null = of.address();
  if (address === null || typeof address === 'string') throw new Error('the server does not listen');
  return address.port;
}

const probe = (...args: readonly string[]) => captured(['probe', ...args, '--no-checks']);

describe('netpause probe', () => {
  it('says what it found, and exits with 0 where all is ok', async () => {
    const { code, stdout, stderr } = await probe('tcp', open);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toMatch(/^✓ 127\.0\.0\.1:\d+ ok in [\d.]+ ms\n$/);
  });

  it('exits with 1 where one of several failed', async () => {
    const { code, stdout } = await probe('tcp', open, CLOSED);
    expect(code).toBe(1);
    expect(stdout).toContain('✗ 127.0.0.1:9 failed (refused, target): ');
    expect(stdout.split('\n')).toHaveLength(3);
  });

  it('exits with 3 where nothing failed, but something could not be judged', async () => {
    const { code, stdout } = await probe('tcp', '192.0.2.1:9', '--source', '203.0.113.77', '--timeout', '1s');
    expect(stdout).toMatch(/^! 192\.0\.2\.1:9 inconclusive \(no-address, local\)/);
    expect(code).toBe(3);
  });

  it('repeats, and sums up', async () => {
    const { code, stdout } = await probe('tcp', open, '--count', '3', '--interval', '20ms');
    const lines = stdout.trimEnd().split('\n');
    expect(code).toBe(0);
    expect(lines).toHaveLength(4);
    expect(lines[0]).toMatch(/^\d{4}-\d\d-\d\dT[\d:.]+Z ✓ /);
    expect(lines[3]).toMatch(/ {2}3 probes {2}3 ok {2}0 failed {2}0 inconclusive {2}min\/avg\/max /);
  });

  it('sums up on Ctrl-C too, and exits by what it found', async () => {
    const running = startCli(['probe', 'tcp', open, '--no-checks', '--count', 'forever', '--interval', '20ms']);
    await running.says(/ok in.*\n.*ok in/);
    running.child.kill('SIGINT');
    const { code, stdout } = await running.ended();
    expect(code).toBe(0);
    expect(stdout).toMatch(/min\/avg\/max/);
  });

  it('is ended by SIGTERM as every program is', async () => {
    const running = startCli(['probe', 'tcp', open, '--no-checks', '--count', 'forever', '--interval', '20ms']);
    await running.says('ok in');
    running.child.kill('SIGTERM');
    expect((await running.ended()).code).toBe(143);
  });

  it('writes JSON, one line a result and nothing else', async () => {
    const { stdout } = await probe('tcp', open, CLOSED, '--json', '--count', '2', '--interval', '20ms');
    const results = stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(results).toHaveLength(4);
    expect(results.filter(({ target }) => target === CLOSED)).toEqual([
      expect.objectContaining({ probe: 'tcp', status: 'failed', failureSource: 'target', reason: 'refused' }),
      expect.objectContaining({ status: 'failed' }),
    ]);
  });

  it('writes the line protocol of InfluxDB', async () => {
    const { stdout } = await probe('tcp', open, '--influx');
    expect(stdout).toMatch(
      /^netpause_probe,probe=tcp,target=127\.0\.0\.1:\d+ success=1i,.*rtt_avg_ms=[\d.]+.* \d{19}\n$/,
    );
  });

  it('hands its flags to the engines', async () => {
    const { code, stdout } = await probe('tcp', open, '--expect', '220 ');
    expect({ code, stdout }).toMatchObject({ code: 0 });
    expect(await probe('tcp', open, '--expect', '550 ')).toMatchObject({ code: 1 });
    expect(await probe('http', url, '--expect', 'well', '--status', '200')).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('status 200 by HTTP/1.1'),
    });
    expect(await probe('http', url, '--status', '3xx', '--header', 'x-test: 1')).toMatchObject({ code: 1 });
    expect(await probe('tcp', '127.0.0.1', '--port', String(portOf(server)), '-4')).toMatchObject({ code: 0 });
  });

  it('says how this host is, and asks nobody for that', async () => {
    const { code, stdout, stderr } = await captured(['probe', 'host', '--sample', '10ms', '--disk', '/']);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toMatch(/\n {2}memory +.* of [\d.]+ [MGT]B/);
    expect(stdout).toMatch(/\n {2}DISK +USED[^\n]*\n {2}\/ +\d+%/);
    const json = await captured(['probe', 'host', '--sample', '10ms', '--only', 'lo', '--json']);
    expect(JSON.parse(json.stdout)).toMatchObject({
      probe: 'host',
      status: 'ok',
      facts: { interfaces: [{ name: 'lo' }] },
    });
  });

  it.each([
    [['tcp', '127.0.0.1'], 'the target must be one with a port'],
    [['tcp', CLOSED, '--count', '0'], '--count must be a whole number, at least 1, but is 0'],
    [['tcp', CLOSED, '--interval', '1ms'], '--interval must be at least 10ms, but is 1ms'],
    [['tcp', CLOSED, '--timeout', '5'], 'Give a number and a unit'],
    [['tcp'], "missing required argument 'target'"],
    [['dns', 'example.com', '--type', 'NOPE'], '--type must be a record type'],
    [['dns', 'example.com', '--transport', 'tcp'], '--transport must be left out where no server is given'],
    [['http', 'example.com'], 'the target must be an http or https URL'],
    [['http', url0(), '--header', 'secret'], "--header must be given as 'name: value'"],
    [['http', url0(), '--ca', '/nonexistent'], '--ca: '],
    [['ping', '127.0.0.1', '--packets', '0'], '--packets must be a whole number from 1 to 10000'],
    [['ping', '127.0.0.1', '--size', '70000'], '--size must be'],
    [['ping', '127.0.0.1', '-4', '-6'], 'cannot be used with'],
    [['tcp', CLOSED, '--json', '--influx'], 'cannot be used with'],
    [
      ['ping', '127.0.0.1', '--codec', 'opus'],
      "--codec must be one of g711, g711-plc, g729a-vad, g723.1-vad, gsm-efr, but is 'opus'",
    ],
    [['trace', '127.0.0.1', '--method', 'sctp'], '--method must be one of'],
    [['trace', '127.0.0.1:80', '--method', 'icmp'], 'the target must be a host without a port'],
    [['trace', '127.0.0.1', '--max-hops', '0'], '--max-hops must be a whole number from 1 to 255, but is 0'],
    [['trace', '127.0.0.1', '--flows', '17'], '--flows must be a whole number from 1 to 16, but is 17'],
    [['trace', '127.0.0.1', '--dscp', '64'], '--dscp must be a whole number from 0 to 63, but is 64'],
    [['trace', '127.0.0.1', '--geo-city', '/nonexistent'], '/nonexistent'],
    [['trace', '127.0.0.1', '--geo-asn', '/dev/null'], '/dev/null'],
    [['tcp', CLOSED, '--here', '52.5,13.4'], '--here needs --geo-city'],
    [
      ['tcp', CLOSED, '--geo-city', 'x', '--here', '95,13'],
      "--here must be degrees north and east, such as 52.52,13.41, or an address, but is '95,13'",
    ],
  ])('%j is wrong usage: one line, and exit code 2', async (args, complaint) => {
    const { code, stdout, stderr } = await probe(...args);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toContain(complaint);
    expect(stderr).toMatch(/^netpause: [^\n]+\n$/);
  });
});

function url0(): string {
  return 'http://127.0.0.1:9/';
}
