import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { createServer as createTcpServer, type Server } from 'node:net';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { Registry } from 'prom-client';
import { afterEach, describe, expect, it } from 'vitest';
import { NetworkMonitor } from '../../src/monitor/index.js';
import { collectPrometheus, type PrometheusOptions } from '../../src/observe/index.js';
import { createRetryer } from '../../src/retry/index.js';
import { SimulatedNetwork } from '../../src/testing/index.js';
import { PATIENCE, until, within } from '../lab/bounded.js';
import { runCommand } from '../lab/command.js';
import { PrometheusServer, portOf } from './prometheus-server.js';
import { requireProgram } from './require-program.js';

const EXAMPLES = fileURLToPath(new URL('../../examples/observability/', import.meta.url));
const PACKAGE = 'prometheus';

let cleanUps: (() => unknown)[] = [];

afterEach(async () => {
  for (const cleanUp of cleanUps.reverse()) await cleanUp();
  cleanUps = [];
});

describe('the metrics of netpause', () => {
  it('are as promtool wants them', async (context) => {
    requireProgram(context, 'promtool', PACKAGE);
    const { register } = await observe({ operationLabels: 10 });
    const text = await register.metrics();
    expect(text).toContain('netpause_network_state{');
    // It exits with another code than 0 where it finds anything to complain of.
    await expect(runCommand(['promtool', 'check', 'metrics'], { input: text })).resolves.toMatchObject({ stdout: '' });
  });

  it('tell a Prometheus that scrapes them what happens', async (context) => {
    requireProgram(context, 'prometheus', PACKAGE);
    const { address, network } = await observe({ operationLabels: 10 });
    const prometheus = await startPrometheus(address);
    await prometheus.queryUntil('netpause_network_state{state="up"}', isValue(1));
    await prometheus.queryUntil(
      'netpause_network_state_time_seconds_total{state="up"}',
      (series) => firstValue(series) > 0,
    );
    await prometheus.queryUntil(
      'netpause_checks_total{host="127.0.0.1",result="success"}',
      (series) => firstValue(series) > 0,
    );

    const retryer = createRetryer({ network, name: 'upload' });
    network.down();
    const call = retryer.run(() => 'done');
    await prometheus.queryUntil('netpause_operations_paused{operation="upload"}', isValue(1));
    network.up();
    await call;
    await prometheus.queryUntil('netpause_operations_paused{operation="upload"}', isValue(0));
    await prometheus.queryUntil('netpause_operations_total{operation="upload",result="success"}', isValue(1));
    await prometheus.queryUntil('netpause_pauses_total{reason="no-carrier"}', isValue(1));
  });

  it('vanish from Prometheus when they are detached', async (context) => {
    requireProgram(context, 'prometheus', PACKAGE);
    const { address, detach } = await observe();
    const prometheus = await startPrometheus(address);
    await prometheus.queryUntil('netpause_network_state', (series) => series.length === 4);
    detach();
    await prometheus.queryUntil('netpause_network_state', (series) => series.length === 0);
    expect(await prometheus.query('up')).toMatchObject([{ value: 1 }]);
  });
});

describe('the examples of observability', () => {
  it('have alert rules that do what they say', async (context) => {
    requireProgram(context, 'promtool', PACKAGE);
    await runCommand(['promtool', 'check', 'config', `${EXAMPLES}prometheus.yml`]);
    await expect(runCommand(['promtool', 'test', 'rules', `${EXAMPLES}alerts.test.yml`])).resolves.toBeDefined();
  });

  it('have a test for every alert rule', () => {
    const rules = [...readFileSync(`${EXAMPLES}alerts.yml`, 'utf8').matchAll(/alert: (\w+)/g)].map(([, name]) => name);
    const tests = readFileSync(`${EXAMPLES}alerts.test.yml`, 'utf8');
    expect(rules.length).toBeGreaterThan(0);
    expect(rules.filter((name) => !tests.includes(`alertname: ${name}\n        exp_alerts:\n          -`))).toEqual([]);
  });

  it('have a dashboard whose queries Prometheus understands', async (context) => {
    requireProgram(context, 'prometheus', PACKAGE);
    const { address } = await observe();
    const prometheus = await startPrometheus(address);
    await prometheus.queryUntil('up', isValue(1));
    const queries = dashboardQueries();
    expect(queries.length).toBeGreaterThan(20);
    for (const query of queries) await expect(prometheus.query(query), query).resolves.toBeInstanceOf(Array);
    const states = queries.find((query) => query.includes('3 * netpause_network_state')) ?? '';
    await prometheus.queryUntil(states, isValue(1));
  });

  it('have a service that shows its metrics, and ends when it is told to', async () => {
    const port = await listenForChecks();
    const service = startService({ CHECK_HOSTS: '127.0.0.1', URL_TO_FETCH: `http://127.0.0.1:${port}/`, PORT: '0' });
    const url = await within(PATIENCE, () => 'for the service to listen', addressOf(service));
    await until(
      async () => /netpause_attempts_total\{.*kind="regular"\} [1-9]/.test(await (await fetch(url)).text()),
      () => 'for the service to have tried something',
    );
    service.kill('SIGTERM');
    const [code] = await within(PATIENCE, () => 'for the service to end', once(service, 'exit'));
    expect(code).toBe(0);
  });
});

/** A monitor that checks a port of this machine, and calls on a simulated network, both measured and on a page. */
async function observe(options: PrometheusOptions = {}) {
  const register = new Registry();
  const network = new SimulatedNetwork();
  const monitor = new NetworkMonitor({ checkHosts: ['127.0.0.1'], checkPorts: [await listenForChecks()] });
  cleanUps.push(() => monitor.stop());
  const detach = await collectPrometheus({ register, monitor, ...options });
  cleanUps.push(detach);
  await monitor.start();
  const server = createServer(async (_request, response) => {
    response.setHeader('content-type', register.contentType).end(await register.metrics());
  });
  const address = `127.0.0.1:${await listen(server)}`;
  return { register, network, address, detach };
}

async function startPrometheus(target: string): Promise<PrometheusServer> {
  const prometheus = await PrometheusServer.start(target);
  cleanUps.push(() => prometheus.stop());
  return prometheus;
}

/** A port that can be connected to, and says nothing. */
function listenForChecks(): Promise<number> {
  return listen(createTcpServer((socket) => void socket.on('error', () => {}).end()));
}

async function listen(server: Server): Promise<number> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  cleanUps.push(() => server.close());
  return portOf(server.address());
}

function startService(environment: Readonly<Record<string, string>>): ChildProcess {
  const service = spawn(process.execPath, ['--import', 'tsx', `${EXAMPLES}service.ts`], {
    env: { ...process.env, ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  cleanUps.push(() => service.kill('SIGKILL'));
  return service;
}

async function addressOf({ stdout }: ChildProcess): Promise<string> {
  if (stdout === null) throw new Error('the service has no stdout');
  for await (const line of createInterface(stdout)) {
    const address = /metrics: (\S+)/.exec(line)?.[1];
    if (address !== undefined) return address;
  }
  throw new Error('the service has ended');
}

/** The queries as Grafana would send them. */
function dashboardQueries(): readonly string[] {
  const dashboard: { panels: readonly { targets?: readonly { expr: string }[] }[] } = JSON.parse(
    readFileSync(`${EXAMPLES}grafana-dashboard.json`, 'utf8'),
  );
  return dashboard.panels
    .flatMap(({ targets = [] }) => targets.map(({ expr }) => expr))
    .map((query) => query.replace(/\$__(rate_interval|range)/g, '1m').replace(/\$(job|instance)/g, '.*'));
}

function isValue(expected: number): (series: readonly { readonly value: number }[]) => boolean {
  return (series) => series.length > 0 && series.every(({ value }) => value === expected);
}

function firstValue([first]: readonly { readonly value: number }[]): number {
  return first?.value ?? Number.NaN;
}
