import { describe, expect, inject, it } from 'vitest';
import { type ModuleFormat, runProgram } from './program.js';

const FORMATS: readonly ModuleFormat[] = ['ESM', 'CommonJS'];
const ENTRIES = ['netpause', 'netpause/monitor', 'netpause/netlink', 'netpause/retry', 'netpause/testing'];

describe.each(FORMATS)('a service in %s', (format) => {
  it('wraps an operation that survives an outage on its only attempt', async () => {
    const output = await runProgram(
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

  it.each(ENTRIES)('imports %s without a warning, and ends by itself', async (entry) => {
    const output = await runProgram(
      inject('installed'),
      format,
      `console.log(Object.keys(await imports('${entry}')).length > 0);`,
    );
    expect(output).toEqual({ stdout: 'true\n', stderr: '' });
  });

  it('meets one and the same class through every entry', async () => {
    const { stdout } = await runProgram(
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

  it('does without koffi: every entry can be imported, and the monitor knows its network by other means and says why', async () => {
    const output = await runProgram(
      inject('installedWithoutKoffi'),
      format,
      `
      for (const entry of ${JSON.stringify(ENTRIES)}) await imports(entry);
      const { NetworkMonitor } = await imports('netpause');
      const monitor = new NetworkMonitor({ checkHosts: [] });
      await monitor.start();
      console.log(JSON.stringify(monitor.snapshot()));
      await monitor.stop();`,
    );
    const { source, ffi, sourceReason } = JSON.parse(output.stdout);
    expect(sourceReason).toMatch(/^koffi could not be loaded: /);
    // Node.js warns of its own FFI, where it has one, as experimental.
    expect({ source, ffi, warned: output.stderr.includes('ExperimentalWarning: FFI') }).toEqual(
      sourceReason.includes('nor node:ffi')
        ? { source: 'proc', ffi: undefined, warned: false }
        : { source: 'netlink', ffi: 'node:ffi', warned: true },
    );
  });
});
