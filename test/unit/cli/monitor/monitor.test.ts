import { once } from 'node:events';
import { mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { request } from 'node:http';
import { type AddressInfo, connect, createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { captured } from '../captured.js';
import { type CliProcess, startCli } from '../cli-process.js';

let folder: string;
let file: string;
let server: Server;
let open: string;
let running: CliProcess | undefined;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'netpause-monitor-'));
  file = join(folder, 'monitor.yaml');
  server = createServer((socket) => socket.on('error', () => {}).end());
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const address: AddressInfo | string | null = server.address();
  open = typeof address === 'object' && address !== null ? `127.0.0.1:${address.port}` : '';
});

afterEach(() => {
  running?.child.kill('SIGKILL');
  running = undefined;
});

afterAll(async () => {
  server.close();
  await rm(folder, { recursive: true });
});

async function start(text: string): Promise<{ readonly cli: CliProcess; readonly url: string }> {
  await writeFile(file, text);
  const cli = startCli(['monitor', file, '--no-checks', '--listen', '127.0.0.1:0', '--json']);
  running = cli;
  await cli.complains(/serving on http:\/\/\S+\n/);
  return { cli, url: /http:\/\/\S+/.exec(cli.stderr)?.[0] ?? '' };
}

const tasks = (...lines: readonly string[]) =>
  ['defaults: { interval: 100ms }', 'tasks:', ...lines.map((line) => `  - ${line}`), ''].join('\n');

const get = async (url: string) => (await fetch(url)).text();

/** Waits until a page is as it should be; the time of the test is the bound. */
async function until(url: string, isSo: (body: string) => boolean): Promise<string> {
  for (;;) {
    const body = await get(url);
    if (isSo(body)) return body;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

describe('netpause monitor', () => {
  it('probes the targets of a file, and serves what comes of it', async () => {
    const { cli, url } = await start(
      tasks(
        `{ probe: tcp, target: '${open}', labels: { site: berlin, 'not-a-label': x } }`,
        "{ name: closed, probe: tcp, target: '127.0.0.1:9' }",
      ),
    );
    const text = await until(`${url}/metrics`, (body) =>
      [/_success\S*\{[^}]*\} 1/, /_success\S*\{[^}]*\} 0/].every((sample) => sample.test(body)),
    );
    expect(text).toMatch(/probe="tcp",target="127\.0\.0\.1:9"[^}]*task="closed"/);
    expect(text).toContain('site="berlin"');
    expect(text).not.toContain('not-a-label');
    expect(text).toMatch(/^netpause_schedule_tasks 2$/m);
    expect(text).toMatch(/^netpause_network_/m);

    expect(JSON.parse(await get(`${url}/targets`))).toMatchObject([
      { probe: 'tcp', target: open, interval: 100 },
      { name: 'closed' },
    ]);

    const health = await fetch(`${url}/health`);
    expect(health.status).toBe(200);
    expect(await health.json()).toMatchObject({
      status: 'ok',
      dead: 0,
      tasks: [{ lastStatus: 'ok' }, { lastStatus: 'failed' }],
    });

    await cli.says('"status":"ok"');
    expect(JSON.parse(cli.stdout.split('\n')[0] ?? '')).toMatchObject({ probe: 'tcp' });

    // GET and HEAD only, and only what there is.
    const post = await fetch(`${url}/metrics`, { method: 'POST', body: 'x'.repeat(100_000) });
    expect([post.status, post.headers.get('allow')]).toEqual([405, 'GET, HEAD']);
    expect((await fetch(`${url}/etc/passwd`)).status).toBe(404);
    expect((await fetch(`${url}/constructor`)).status).toBe(404);
    const head = await fetch(`${url}/targets`, { method: 'HEAD' });
    expect([head.status, await head.text()]).toEqual([200, '']);
    expect(head.headers.get('content-type')).toBe('application/json');
    expect((await fetch(`${url}/metrics?x=y`)).status).toBe(200);

    // Headers without end are not read, and who breaks off harms nobody.
    expect(['431', 'ECONNRESET', 'EPIPE']).toContain(await askWithHeader(url, 'x'.repeat(20_000)));
    await breakOff(Number(new URL(url).port));
    expect((await fetch(`${url}/health`)).status).toBe(200);

    cli.child.kill('SIGTERM');
    expect((await cli.ended()).code).toBe(0);
  });

  it('reads its file again when it changes or on SIGHUP, and keeps what was there where it is wrong', async () => {
    const { cli, url } = await start(tasks(`{ name: first, probe: tcp, target: '${open}' }`));
    await until(`${url}/metrics`, (body) => body.includes('task="first"'));
    await writeFile(`${file}.new`, tasks(`{ name: second, probe: tcp, target: '${open}', labels: { fresh: label } }`));
    await rename(`${file}.new`, file);
    const text = await until(`${url}/metrics`, (body) => body.includes('task="second"'));
    expect(text).not.toContain('task="first"');
    expect(text).toContain('fresh="label"');

    await writeFile(file, tasks('{ probe: tcp, target: nowhere }'));
    await cli.complains(/monitor\.yaml:3: tasks\[0\]\.target: /);
    expect(JSON.parse(await get(`${url}/targets`))).toMatchObject([{ name: 'second' }]);

    await writeFile(
      file,
      tasks(`{ name: third, probe: tcp, target: '${open}' }`, `{ name: fourth, probe: tcp, target: '${open}' }`),
    );
    cli.child.kill('SIGHUP');
    await cli.complains(/read \S+monitor\.yaml again: 2 targets/);
    expect(JSON.parse(await get(`${url}/targets`))).toMatchObject([{ name: 'third' }, { name: 'fourth' }]);
    cli.child.kill('SIGINT');
    expect((await cli.ended()).code).toBe(0);
  });

  it.each([
    [['/nonexistent/monitor.yaml'], '/nonexistent/monitor.yaml: ENOENT'],
    [[], "missing required argument 'file'"],
    [['FILE', '--listen', 'nowhere'], "--listen must be address:port, but is 'nowhere'"],
    [['FILE', '--listen', '203.0.113.7:9400'], '--listen: '],
    [['FILE', '--concurrency', '0'], '--concurrency must be a whole number, at least 1, but is 0'],
    [['FILE', '--rate', 'fast'], 'Give a number'],
  ])('%j is wrong usage: one line, and exit code 2', async (args, complaint) => {
    await writeFile(file, tasks(`{ probe: tcp, target: '${open}' }`));
    const words = args.map((word) => (word === 'FILE' ? file : word));
    const { code, stdout, stderr } = await captured(['monitor', ...words, '--no-checks']);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toContain(complaint);
    expect(stderr).toMatch(/^netpause: [^\n]+\n$/);
  });

  it('takes the example that comes with it', async () => {
    const { readTaskFile } = await import('../../../../src/probes/index.js');
    const { tasks: read, services } = await readTaskFile('examples/probes/monitor.yaml');
    expect(read.map(({ probe }) => probe)).toEqual(['tcp', 'tcp', 'tcp', 'http', 'dns', 'ping', 'trace', 'host']);
    expect(services).toHaveLength(1);
  });
});

function askWithHeader(url: string, value: string): Promise<string> {
  return new Promise((resolve) => {
    const asked = request(`${url}/metrics`, { headers: { 'x-long': value } }, (response) => {
      response.resume();
      resolve(String(response.statusCode));
    });
    asked.on('error', (error) => resolve('code' in error ? String(error.code) : error.message));
    asked.end();
  });
}

async function breakOff(port: number): Promise<void> {
  const socket = connect(port, '127.0.0.1').on('error', () => {});
  await once(socket, 'connect');
  socket.write('GET /metrics HTTP/1.1\r\nhost: a\r\n\r\n');
  socket.resetAndDestroy();
}
