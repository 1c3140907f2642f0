import * as client from 'prom-client';
import { Registry } from 'prom-client';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { InvalidOptionError } from '../../../src/errors/index.js';
import { collectPrometheus, type PrometheusOptions } from '../../../src/observe/index.js';
import { createRetryer, retry } from '../../../src/retry/index.js';
import { SimulatedNetwork } from '../../../src/testing/index.js';
import { holdTime, Manual, networkError, pass, turn, watch } from '../retry/support.js';
import { CHECK_HOST, makeMonitor } from './support.js';

let register: Registry;
let detach: () => void;

beforeEach(() => {
  holdTime();
  register = new Registry();
});

afterEach(() => {
  detach?.();
  vi.useRealTimers();
});

async function collect(options: PrometheusOptions = {}): Promise<void> {
  detach = await collectPrometheus({ register, ...options });
}

/** The series whose names begin so, without those of the buckets. */
async function series(start: string): Promise<readonly string[]> {
  const text = await register.metrics();
  return text.split('\n').filter((line) => line.startsWith(start) && !line.includes('_bucket'));
}

describe('the metrics of a monitor', () => {
  it('show one state as 1 and the time in each', async () => {
    const { monitor, host } = makeMonitor();
    await collect({ monitor });
    await pass(1_000);
    await monitor.start();
    await pass(10_001);
    host.pullCable();
    await pass(2_000);
    expect(await series('netpause_network_state{')).toEqual([
      'netpause_network_state{state="unknown"} 0',
      'netpause_network_state{state="up"} 0',
      'netpause_network_state{state="degraded"} 0',
      'netpause_network_state{state="down"} 1',
    ]);
    expect(await series('netpause_network_state_time')).toEqual([
      'netpause_network_state_time_seconds_total{state="unknown"} 1.001',
      'netpause_network_state_time_seconds_total{state="up"} 10',
      'netpause_network_state_time_seconds_total{state="degraded"} 0',
      'netpause_network_state_time_seconds_total{state="down"} 2',
    ]);
    await monitor.stop();
  });

  it('count outages by reason, and time them', async () => {
    const { monitor, host } = makeMonitor();
    await monitor.start();
    await pass(5);
    await collect({ monitor });
    host.pullCable();
    await pass(3_000);
    host.plugIn();
    await pass(5);
    expect(await series('netpause_outage')).toEqual([
      'netpause_outages_total{reason="no-carrier"} 1',
      'netpause_outages_total{reason="link-down"} 0',
      'netpause_outages_total{reason="no-address"} 0',
      'netpause_outages_total{reason="no-route"} 0',
      'netpause_outages_total{reason="unreachable"} 0',
      'netpause_outage_detection_seconds_sum 0',
      'netpause_outage_detection_seconds_count 0',
      'netpause_outage_duration_seconds_sum{reason="no-carrier"} 3.001',
      'netpause_outage_duration_seconds_count{reason="no-carrier"} 1',
      'netpause_outage_recovery_seconds_sum 0.001',
      'netpause_outage_recovery_seconds_count 1',
    ]);
    await monitor.stop();
  });

  it('time how long silence took to be believed', async () => {
    const { monitor, host } = makeMonitor({ checkInterval: 1_000, checkTimeout: 100 });
    await monitor.start();
    await pass(5);
    await collect({ monitor });
    host.answering.clear();
    await pass(2_000);
    expect(monitor.state).toBe('down');
    const [sum, count] = await series('netpause_outage_detection');
    expect(count).toBe('netpause_outage_detection_seconds_count 1');
    // As long as two checks take: the one that failed, and the one that confirmed it.
    expect(Number(sum?.split(' ')[1])).toBeCloseTo(0.2, 1);
    await monitor.stop();
  });

  it('count and time checks, those of destinations all together', async () => {
    const { monitor, host } = makeMonitor({ checkInterval: 1_000, checkTimeout: 100 });
    await monitor.start();
    await pass(5);
    await collect({ monitor });
    const release = monitor.target('198.51.100.7:443').track();
    host.answering.delete(CHECK_HOST);
    await pass(1_500);
    const checks = await series('netpause_checks_total');
    expect(checks).toContain(`netpause_checks_total{host="${CHECK_HOST}",port="53",result="success"} 0`);
    expect(checks.some((line) => line.includes('host="other",port="",result="failure"'))).toBe(true);
    expect(checks.join()).not.toContain('198.51.100.7');
    release();
    await monitor.stop();
  });

  it('count events of links and errors, and say where the knowledge comes from', async () => {
    const { monitor, host } = makeMonitor();
    await collect({ monitor });
    expect(await series('netpause_monitor_info')).toEqual(['netpause_monitor_info{source="none"} 1']);
    await monitor.start();
    host.setLink({ index: 7, name: 'veth7' });
    host.removeLink(7);
    host.fail(new Error('unreadable'));
    // What was true of the source before is no series any more.
    expect(await series('netpause_monitor_info')).toEqual(['netpause_monitor_info{source="netlink"} 1']);
    expect(await series('netpause_link')).toEqual([
      'netpause_link_events_total{change="added"} 1',
      'netpause_link_events_total{change="changed"} 0',
      'netpause_link_events_total{change="removed"} 1',
    ]);
    expect(await series('netpause_monitor_errors')).toEqual(['netpause_monitor_errors_total 1']);
    expect(await series('netpause_network_flapping')).toEqual(['netpause_network_flapping 0']);
    await monitor.stop();
  });

  it('time how long paused work took to go on', async () => {
    const { monitor, host } = makeMonitor();
    await monitor.start();
    await pass(5);
    await collect({ monitor });
    host.pullCable();
    const call = watch(retry(() => 'done', { network: monitor }));
    await pass(1_000);
    host.plugIn();
    await pass(10);
    await call.promise;
    expect(await series('netpause_resume_delay_seconds_count')).toEqual(['netpause_resume_delay_seconds_count 1']);
    expect(await series('netpause_resume_delay_seconds_sum')).toEqual(['netpause_resume_delay_seconds_sum 0']);
    await monitor.stop();
  });
});

describe('the metrics of calls', () => {
  it('tell attempts that were spent from those that an outage cost', async () => {
    const network = new SimulatedNetwork();
    await collect();
    const manual = new Manual();
    const call = watch(retry(manual.operation, { network, retries: 1, minTimeout: 0 }));
    await turn();
    network.down();
    manual.last.reject(networkError());
    await pass(2_000);
    network.up();
    await pass(20);
    manual.last.reject(new Error('the server'));
    await pass(1);
    manual.last.resolve('done');
    await call.promise;
    expect(await series('netpause_attempts')).toEqual([
      'netpause_attempts_total{kind="regular"} 3',
      'netpause_attempts_total{kind="trial"} 0',
      'netpause_attempts_failed_total{spent="true"} 1',
      'netpause_attempts_failed_total{spent="false"} 1',
      'netpause_attempts_saved_total 1',
    ]);
    expect(await series('netpause_pause')).toEqual([
      'netpause_pauses_total{reason="no-carrier"} 1',
      'netpause_pauses_total{reason="link-down"} 0',
      'netpause_pauses_total{reason="no-address"} 0',
      'netpause_pauses_total{reason="no-route"} 0',
      'netpause_pauses_total{reason="unreachable"} 0',
      'netpause_pause_duration_seconds_sum 2',
      'netpause_pause_duration_seconds_count 1',
    ]);
    expect(await series('netpause_operations_total')).toEqual([
      'netpause_operations_total{result="success"} 1',
      'netpause_operations_total{result="failure"} 0',
    ]);
  });

  it('count a failed trial as no attempt saved', async () => {
    const network = new SimulatedNetwork();
    await collect();
    network.down();
    const call = watch(retry(() => Promise.reject(networkError()), { network, maxPause: 1_500, trialInterval: 1_000 }));
    await pass(1_500);
    await expect(call.promise).rejects.toThrow('ECONNRESET');
    expect(await series('netpause_attempts_saved')).toEqual(['netpause_attempts_saved_total 0']);
    expect(await series('netpause_attempts_failed')).toContain('netpause_attempts_failed_total{spent="false"} 1');
  });

  it('show how many operations wait, also after one has given up', async () => {
    const network = new SimulatedNetwork();
    await collect();
    network.down();
    const patient = watch(retry(() => 'done', { network }));
    const hasty = watch(retry(() => 'done', { network, maxPause: 1_000 }));
    await pass(10);
    expect(await series('netpause_operations_paused')).toEqual(['netpause_operations_paused 2']);
    await pass(1_000);
    await expect(hasty.promise).rejects.toThrow('did not come back');
    expect(await series('netpause_operations_paused')).toEqual(['netpause_operations_paused 1']);
    network.up();
    await pass(10);
    await patient.promise;
    expect(await series('netpause_operations_paused')).toEqual(['netpause_operations_paused 0']);
  });

  it('are those of the retryers that were named', async () => {
    const network = new SimulatedNetwork();
    const heard = createRetryer({ network });
    await collect({ retryers: [heard, heard] });
    await heard.run(() => 'done');
    await createRetryer({ network }).run(() => 'done');
    await retry(() => 'done', { network });
    expect(await series('netpause_operations_total{result="success"}')).toEqual([
      'netpause_operations_total{result="success"} 1',
    ]);
  });

  it('have the name of the operation only where that is asked for, and only so many', async () => {
    const network = new SimulatedNetwork();
    await collect({ operationLabels: 1 });
    for (const name of ['upload', 'download', 'delete', undefined]) await retry(() => 'done', { network, name });
    expect(await series('netpause_operations_total')).toEqual(
      ['upload 1', 'other 2', ' 1'].flatMap((expected) => {
        const [operation, count] = expected.split(' ');
        return [
          `netpause_operations_total{operation="${operation}",result="success"} ${count}`,
          `netpause_operations_total{operation="${operation}",result="failure"} 0`,
        ];
      }),
    );
    expect((await series('netpause_operations_paused')).length).toBe(3);
  });

  it('show how many operations of a name wait, also where only what is secret in it differs', async () => {
    const network = new SimulatedNetwork();
    await collect({ operationLabels: 5 });
    network.down();
    const names = ['GET http://example.com/?token=1', 'GET http://example.com/?token=2', 'other', undefined];
    const calls = names.map((name) => watch(retry(() => 'done', { network, name })));
    await pass(10);
    expect(await series('netpause_operations_paused')).toEqual([
      'netpause_operations_paused{operation="GET http://example.com/?…"} 2',
      'netpause_operations_paused{operation="other"} 1',
      'netpause_operations_paused{operation=""} 1',
    ]);
    network.up();
    await pass(100);
    await Promise.all(calls.map(({ promise }) => promise));
  });
});

describe('collectPrometheus', () => {
  it('leaves nothing behind when it is detached, and can begin anew', async () => {
    const { monitor } = makeMonitor();
    const retryer = createRetryer({ network: new SimulatedNetwork() });
    await collect({ monitor, retryers: [retryer] });
    expect(retryer.listenerCount('settle')).toBeGreaterThan(0);
    detach();
    detach();
    expect(await register.metrics()).toBe('\n');
    expect(retryer.listenerCount('settle')).toBe(0);
    expect(monitor.listenerCount('check') + monitor.listenerCount('link') + monitor.listenerCount('error')).toBe(0);
    await collect({ monitor });
    expect(await series('netpause_network_state{state="unknown"}')).toHaveLength(1);
  });

  it('registers all or nothing where a name is taken, and says which', async () => {
    const taken = new client.Gauge({ name: 'netpause_network_state', help: 'mine', registers: [register] });
    const { monitor } = makeMonitor();
    await expect(collectPrometheus({ register, monitor })).rejects.toThrow(/netpause_network_state.*another prefix/);
    expect(register.getMetricsAsArray().map(({ name }) => name)).toEqual(['netpause_network_state']);
    expect(monitor.listenerCount('check')).toBe(0);
    detach = await collectPrometheus({ register, monitor, prefix: 'second_' });
    expect(register.getSingleMetric('netpause_network_state')).toBe(taken);
    expect(register.getSingleMetric('second_network_state')).toBeDefined();
  });

  it('uses the global register, and the copy of prom-client that it is given', async () => {
    detach = await collectPrometheus({ client });
    expect(client.register.getSingleMetric('netpause_operations_total')).toBeInstanceOf(client.Counter);
    detach();
    expect(client.register.getMetricsAsArray()).toEqual([]);
  });

  it.each([
    ['monitor', {}],
    ['retryers', [{}]],
    ['retryers', createRetryer()],
    ['operationLabels', -1],
    ['operationLabels', 1_001],
    ['register', {}],
    ['prefix', '1st_'],
    ['prefix', 'net-pause_'],
    ['client', {}],
    ['labels', {}],
  ])('refuses %s: %s', async (name, value) => {
    const options: PrometheusOptions = JSON.parse('{}');
    await expect(collectPrometheus({ ...options, [name]: value })).rejects.toBeInstanceOf(InvalidOptionError);
  });
});
