import { describe, expect, inject, it } from 'vitest';
import manifest from '../../package.json' with { type: 'json' };
import { type ModuleFormat, NODES, type Node, runProgram } from './program.js';

const FORMATS: readonly ModuleFormat[] = ['ESM', 'CommonJS'];
/** `'netpause'`, `'netpause/monitor'` and so on: whatever package.json lets users import. */
const ENTRIES = Object.keys(manifest.exports)
  .filter((name) => !name.endsWith('.json'))
  .map((name) => name.replace('.', 'netpause'));

const services = NODES.flatMap((node) => FORMATS.map((format) => ({ node, title: node.title, format })));

/** Prints which entries there were to import. */
const EVERY_ENTRY = `
  for (const entry of ${JSON.stringify(ENTRIES)}) {
    if (Object.keys(await imports(entry)).length > 0) console.log(entry);
  }`;

/** Prints by what means a monitor knows the network. */
const MONITOR = `
  const { NetworkMonitor } = await imports('netpause');
  const monitor = new NetworkMonitor({ checkHosts: [] });
  await monitor.start();
  console.log(JSON.stringify(monitor.snapshot()));
  await monitor.stop();`;

/** Its first request never gets an answer, for the network is lost. */
const FETCH = `
  const { once } = await import('node:events');
  const { readFile, rm } = await import('node:fs/promises');
  const { createServer } = await import('node:http');
  const { createFetch, download } = await imports('netpause/fetch');
  const { SimulatedNetwork } = await imports('netpause/testing');
  const network = new SimulatedNetwork();
  let requests = 0;
  const server = createServer((_request, response) => {
    requests += 1;
    if (requests > 1) return response.end('content');
    network.down('no-carrier');
    setTimeout(() => network.up(), 100);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = 'http://127.0.0.1:' + server.address().port + '/';
  const response = await createFetch(network, { interruptAfter: 20 })(url);
  const text = await response.text();
  const { bytes } = await download(url, 'fetched', { network });
  const file = await readFile('fetched', 'utf8');
  await rm('fetched');
  server.closeAllConnections();
  server.close();
  console.log(JSON.stringify({ text, requests, bytes, file }));`;

/** Each engine against a server of its own, and a schedule from a file in YAML, which needs what is bundled. */
const PROBES = `
  const { createSocket } = await import('node:dgram');
  const { once } = await import('node:events');
  const { rm, writeFile } = await import('node:fs/promises');
  const { createServer } = await import('node:http');
  const probes = await imports('netpause/probes');
  const web = createServer((_request, response) => response.end('ok')).listen(0, '127.0.0.1');
  const names = createSocket('udp4', (query, { port }) => {
    query[2] |= 0x80;
    query[3] = 3;
    names.send(query, port, '127.0.0.1');
  }).bind(0, '127.0.0.1');
  await Promise.all([once(web, 'listening'), once(names, 'listening')]);
  const bandwidth = await probes.createBandwidthServer({ port: 0 });
  const at = '127.0.0.1:' + web.address().port;
  const results = await Promise.all([
    probes.probeTcp(at),
    probes.probeHttp('http://' + at),
    probes.probeDns('example.com', { server: '127.0.0.1:' + names.address().port, rcode: 'NXDOMAIN' }),
    probes.probePing('127.0.0.1', { count: 1 }),
    probes.probeTrace('127.0.0.1', { rounds: 1 }),
    probes.probeBandwidth('127.0.0.1:' + bandwidth.port, { duration: 100 }),
    probes.probeHost({ interval: 10 }),
  ]);
  const file = 'tasks-' + process.pid + '.yaml';
  await writeFile(file, 'tasks: [{ probe: tcp, target: "' + at + '", interval: 10ms }]');
  const schedule = new probes.ProbeSchedule();
  schedule.addSource(probes.tasksFromFile(file));
  const scheduled = new Promise((resolve) => schedule.once('result', ({ result }) => resolve(result)));
  await schedule.start();
  results.push(await scheduled);
  await schedule.stop();
  await rm(file);
  await bandwidth.close();
  names.close();
  web.closeAllConnections();
  web.close();
  console.log(results.map(({ probe, status }) => probe + ' ' + status).join('\\n'));`;

/** A registry and two members, until it shows what they have seen of each other. */
const RING = `
  const { createMember, createRegistry, memberOptionsFromYaml } = await imports('netpause/ring');
  const registry = await createRegistry({ port: 0 });
  const quick = { registryUrl: registry.url, port: 0, checkInterval: 200, pollInterval: 200 };
  const { location } = memberOptionsFromYaml('member: { location: b }', 'b.yaml');
  const members = await Promise.all(['a', location].map((each) => createMember({ ...quick, location: each, instanceId: each })));
  const seen = async () => {
    const { metrics } = await (await fetch(registry.url + '/metrics')).json();
    return ['a', 'b'].flatMap((id) => (metrics[id]?.checks ?? []).filter(({ type }) => type === 'tcp'));
  };
  let checks = [];
  for (let round = 0; round < 200 && checks.length < 2; round += 1) {
    await new Promise((resolve) => setTimeout(resolve, 50));
    checks = await seen();
  }
  const page = await (await fetch(registry.url + '/metrics?format=prometheus')).text();
  await Promise.all(members.map((member) => member.close()));
  await registry.close();
  console.log(JSON.stringify({
    checks: checks.map(({ target, verdict }) => target + ' ' + verdict).sort(),
    members: /^netring_members 2$/m.test(page),
  }));`;

describe.each(services)('a service in $format on $title', ({ node, format }) => {
  it('wraps an operation that survives an outage on its only attempt', async () => {
    const output = await runProgram(
      node,
      inject('installed'),
      format,
      `
      const { createRetryer } = await imports('netpause');
      const { SimulatedNetwork } = await imports('netpause/testing');
      const network = new SimulatedNetwork();
      const retryer = createRetryer({ network, retries: 0 });
      const attempts = [];
      const answer = await retryer.run(async (attempt) => {
        attempts.push(attempt);
        if (attempts.length > 1) return 'uploaded';
        network.down('no-carrier');
        setTimeout(() => network.up(), 10);
        throw Object.assign(new Error('read ECONNRESET'), { code: 'ECONNRESET' });
      });
      console.log(JSON.stringify({ answer, attempts }));`,
    );
    expect(output.stderr).toBe('');
    expect(JSON.parse(output.stdout)).toEqual({ answer: 'uploaded', attempts: [1, 1] });
  });

  it('knows its network by netlink, and says so without a warning', async () => {
    const { stdout, stderr } = await runProgram(node, inject('installed'), format, MONITOR);
    expect(JSON.parse(stdout)).toMatchObject({ source: 'netlink', ffi: 'koffi' });
    expect(stderr).toBe('');
  });

  it('imports every entry without a warning, and ends by itself', async () => {
    const output = await runProgram(node, inject('installed'), format, EVERY_ENTRY);
    expect(output).toEqual({ stdout: `${ENTRIES.join('\n')}\n`, stderr: '' });
  });

  it('fetches and downloads through an outage, by the fetch of its Node', async () => {
    const { stdout, stderr } = await runProgram(node, inject('installed'), format, FETCH);
    expect(stderr).toBe('');
    expect(JSON.parse(stdout)).toEqual({ text: 'content', requests: 3, bytes: 7, file: 'content' });
  });

  it('probes with every engine, and by a schedule from a file', async () => {
    const { stdout, stderr } = await runProgram(node, inject('installed'), format, PROBES);
    expect(stderr).toBe('');
    const engines = ['tcp', 'http', 'dns', 'ping', 'trace', 'bandwidth', 'host', 'tcp'];
    expect(stdout).toBe(engines.map((engine) => `${engine} ok\n`).join(''));
  });

  it('runs a ring', async () => {
    const { stdout, stderr } = await runProgram(node, inject('installed'), format, RING);
    expect(stderr).toBe('');
    expect(JSON.parse(stdout)).toEqual({ checks: ['a ok', 'b ok'], members: true });
  });

  it('meets one and the same class through every entry', async () => {
    const { stdout } = await runProgram(
      node,
      inject('installed'),
      format,
      `
      const { MonitorStoppedError, NetworkMonitor, Retryer } = await imports('netpause');
      const monitor = await imports('netpause/monitor');
      const retry = await imports('netpause/retry');
      const { SimulatedNetwork } = await imports('netpause/testing');
      const network = new SimulatedNetwork();
      network.down();
      const waiting = network.waitForNetwork().catch((error) => error);
      network.stop();
      console.log(JSON.stringify({
        error: (await waiting) instanceof MonitorStoppedError,
        monitor: NetworkMonitor !== undefined && NetworkMonitor === monitor.NetworkMonitor,
        retryer: Retryer !== undefined && Retryer === retry.Retryer,
      }));`,
    );
    expect(JSON.parse(stdout)).toEqual({ error: true, monitor: true, retryer: true });
  });

  it('sees each error under the name of its class', async () => {
    const { stdout } = await runProgram(
      node,
      inject('installed'),
      format,
      `
      const all = Object.entries(await imports('netpause'));
      const errors = all.filter(([, value]) => value?.prototype instanceof Error);
      console.log(JSON.stringify(errors.map(([name, value]) => [name, value.name])));`,
    );
    const names: [string, string][] = JSON.parse(stdout);
    expect(names.map(([name]) => name)).toContain('MonitorStoppedError');
    expect(names.filter(([exported, own]) => exported !== own)).toEqual([]);
  });

  it('does without koffi: every entry can be imported, and the monitor knows its network by other means', async () => {
    const output = await runProgram(node, inject('installedWithoutKoffi'), format, EVERY_ENTRY);
    expect(output).toEqual({ stdout: `${ENTRIES.join('\n')}\n`, stderr: '' });
    await expectStepDown(node, inject('installedWithoutKoffi'), format, MONITOR);
  });

  it("does without koffi's build for the platform", async () => {
    await expectStepDown(node, inject('installedWithoutKoffiBuild'), format, MONITOR);
  });
});

describe.each(FORMATS)('a service in %s', (format) => {
  const node: Node = { title: 'the Node.js of the tests', path: process.execPath };

  it('knows its network by netlink when npm was allowed to run install scripts', async () => {
    const { stdout, stderr } = await runProgram(node, inject('installedWithScripts'), format, MONITOR);
    expect(JSON.parse(stdout)).toMatchObject({ source: 'netlink', ffi: 'koffi' });
    expect(stderr).toBe('');
  });

  it('knows its network by netlink when pnpm has installed it', async () => {
    const { stdout, stderr } = await runProgram(node, inject('installedByPnpm'), format, MONITOR);
    expect(JSON.parse(stdout)).toMatchObject({ source: 'netlink', ffi: 'koffi' });
    expect(stderr).toBe('');
  });

  it('finds all that every entry needs in the strict node_modules of pnpm', async () => {
    const output = await runProgram(node, inject('installedByPnpm'), format, EVERY_ENTRY);
    expect(output).toEqual({ stdout: `${ENTRIES.join('\n')}\n`, stderr: '' });
  });
});

/** The monitor says why it does without koffi; with Node.js's own FFI, where it has one, which warns of itself as experimental. */
async function expectStepDown(node: Node, folder: string, format: ModuleFormat, body: string): Promise<void> {
  const output = await runProgram(node, folder, format, body);
  const { source, ffi, sourceReason } = JSON.parse(output.stdout);
  expect(sourceReason).toMatch(/^koffi could not be loaded: /);
  expect({ source, ffi, warned: output.stderr.includes('ExperimentalWarning: FFI') }).toEqual(
    sourceReason.includes('nor node:ffi')
      ? { source: 'proc', ffi: undefined, warned: false }
      : { source: 'netlink', ffi: 'node:ffi', warned: true },
  );
}
