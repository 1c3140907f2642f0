import { hostname, loadavg, platform, uptime } from 'node:os';
import { setTimeout } from 'node:timers/promises';
import type { ProbeContext } from '../probe-context.js';
import type { Measurement } from '../result.js';
import { type ProbeRun, runProbe } from '../run-probe.js';
import { readCgroup } from './cgroup.js';
import { cpuUsage, readCpuTimes } from './cpu.js';
import { readDisks } from './disks.js';
import type { HostFacts, HostPhase, HostResult } from './host-facts.js';
import {
  checkHostOptions,
  DEFAULT_HOST_INTERVAL,
  DEFAULT_HOST_TIMEOUT,
  type HostProbeOptions,
} from './host-options.js';
import { interfaceTraffic } from './interface-traffic.js';
import { readMemory } from './memory.js';
import { readUntil } from './proc-files.js';
import { openCounters } from './traffic-counters.js';

/**
 * Reads what this host says of itself: processors, memory, load, disks, interfaces, uptime, and the limits of its container. It sends nothing.
 *
 * Utilisation and rates are of the interval between two readings. What cannot be read is absent. The status is `ok`, whatever the values are, and
 * whether the network is there or not.
 *
 * @throws {InvalidOptionError}; the signal's reason when it aborts.
 *
 * @example
 * const { facts } = await probeHost({ interval: 500 });
 * facts.cpu?.utilisation;
 */
export async function probeHost(options: HostProbeOptions = {}, context: ProbeContext = {}): Promise<HostResult> {
  checkHostOptions(options);
  const { interval = DEFAULT_HOST_INTERVAL, timeout = DEFAULT_HOST_TIMEOUT } = options;
  const task = { probe: 'host', target: hostname(), timeout: Math.min(interval + timeout, 2 ** 31 - 1) };
  return runProbe(task, context, (run) => measure(options, interval, run));
}

async function measure(
  { disks, interfaces }: HostProbeOptions,
  interval: number,
  { signal }: ProbeRun,
): Promise<Measurement<HostFacts, HostPhase>> {
  const read = readUntil(signal);
  const source = await openCounters(read);
  try {
    const start = performance.now();
    const [timesBefore, countersBefore] = [await readCpuTimes(read), await source.read()];
    await wait(interval, signal);
    const [timesAfter, countersAfter] = [await readCpuTimes(read), await source.read()];
    const elapsed = performance.now() - start;
    const traffic = await interfaceTraffic(countersBefore, countersAfter, read, interfaces);
    const cpu = cpuUsage(timesBefore, timesAfter);
    const cgroup = await readCgroup(read);
    const facts: HostFacts = {
      hostname: hostname(),
      uptime: uptime() * 1000,
      ...(platform() !== 'win32' && { load: readLoad() }),
      ...(cpu !== undefined && { cpu }),
      memory: await readMemory(read),
      disks: await readDisks(disks, read, signal),
      interfaces: traffic,
      ...(cgroup !== undefined && { cgroup }),
    };
    return { verdict: { status: 'ok' }, samples: [], timings: { interval: elapsed }, facts };
  } finally {
    source.close();
  }
}

/** Until the interval or the time of the probe is over. The caller's abort is the frame's to tell. */
async function wait(interval: number, signal: AbortSignal): Promise<void> {
  try {
    await setTimeout(interval, undefined, { signal });
  } catch {
    // What has passed is measured instead.
  }
}

function readLoad(): NonNullable<HostFacts['load']> {
  const [one = 0, five = 0, fifteen = 0] = loadavg();
  return { one, five, fifteen };
}
