import type { ProbeResult } from '../result.js';
import { listAt, numberAt, textAt } from './facts.js';
import { factGauge, type ProbeReading, type ProbeSample, type ReadingGroup } from './metric.js';

/** Of this host. They hold whatever its network does. */
export const HOST_METRICS: ReadingGroup = {
  facts: ['hostname'],
  readings: [
    hostGauge('uptime', 's', 'Time since the kernel started.', ['uptime'], 1_000),
    hostGauge('load1', undefined, 'Load average of one minute.', ['load', 'one']),
    hostGauge('load5', undefined, 'Load average of five minutes.', ['load', 'five']),
    hostGauge('load15', undefined, 'Load average of fifteen minutes.', ['load', 'fifteen']),
    hostGauge('cpus', undefined, 'Processors that are there.', ['cpu', 'count']),
    hostGauge('cpu.utilisation', '1', 'Fraction of the time of all processors that was used in the interval, 0 to 1.', [
      'cpu',
      'utilisation',
    ]),
    memoryGauge('size', 'Main memory that there is.', 'total'),
    memoryGauge('free', 'Main memory that nobody uses.', 'free'),
    memoryGauge('available', 'Main memory that programs could still get without swapping.', 'available'),
    memoryGauge('buffers', 'Blocks of devices that the kernel keeps in memory.', 'buffers'),
    memoryGauge('cached', 'Contents of files that the kernel keeps in memory.', 'cached'),
    memoryGauge('swap_size', 'Room for what is swapped out.', 'swapTotal'),
    memoryGauge('swap_free', 'Room for what is swapped out that nobody uses.', 'swapFree'),
    hostGauge('cgroup.memory_limit', 'By', 'Memory that the control group of this process may use.', [
      'cgroup',
      'memoryLimit',
    ]),
    hostGauge('cgroup.memory_used', 'By', 'Memory that the control group of this process uses.', [
      'cgroup',
      'memoryUsed',
    ]),
    hostGauge('cgroup.cpu_limit', undefined, 'Processors whose time the control group of this process may take.', [
      'cgroup',
      'cpuLimit',
    ]),
    diskGauge('size', 'By', 'Size of a file system.', 'total'),
    diskGauge('free', 'By', 'Room in a file system that nobody uses, with what only root may use.', 'free'),
    diskGauge('available', 'By', 'Room in a file system that programs without privileges may use.', 'available'),
    diskGauge('files', undefined, 'Files that there can be in a file system.', 'files'),
    diskGauge('files_free', undefined, 'Files that there can be more in a file system.', 'filesFree'),
    trafficCounter('traffic', 'By', 'Bytes that an interface received or transmitted.', 'Bytes'),
    trafficCounter('packets', undefined, 'Packets that an interface received or transmitted.', 'Packets'),
    trafficCounter('errors', undefined, 'Packets that an interface received damaged, or could not transmit.', 'Errors'),
    trafficCounter('dropped', undefined, 'Packets that were thrown away after or before an interface.', 'Dropped'),
    {
      name: 'host.interface.utilisation',
      kind: 'gauge',
      unit: '1',
      labels: ['interface', 'direction'],
      holds: true,
      help: 'Fraction of what a link can carry that it carried in the interval, 0 to 1.',
      read: (result) => byDirection(result, (direction) => [`${direction}Utilisation`]),
    },
    {
      name: 'host.interface.speed',
      kind: 'gauge',
      unit: 'By/s',
      labels: ['interface'],
      holds: true,
      help: 'What a link can carry, by its driver; absent where that does not know.',
      read: readSpeeds,
    },
  ],
};

function hostGauge(
  name: string,
  unit: ProbeReading['unit'],
  help: string,
  path: readonly string[],
  divisor = 1,
): ProbeReading {
  return factGauge({ name: `host.${name}`, ...(unit !== undefined && { unit }), holds: true, help }, path, divisor);
}

function memoryGauge(name: string, help: string, fact: string): ProbeReading {
  return hostGauge(`memory.${name}`, 'By', help, ['memory', fact]);
}

function diskGauge(name: string, unit: ProbeReading['unit'], help: string, fact: string): ProbeReading {
  return {
    name: `host.filesystem.${name}`,
    kind: 'gauge',
    ...(unit !== undefined && { unit }),
    labels: ['path'],
    holds: true,
    help,
    read: ({ facts }) =>
      listAt(facts, 'disks').flatMap((disk) => {
        const [path, value] = [textAt(disk, 'path'), numberAt(disk, fact)];
        return path === undefined || value === undefined ? [] : [{ labels: { path }, value }];
      }),
  };
}

/** The kernel's own counters: what they grew by in a while is the reader's to reckon, over any time. */
function trafficCounter(name: string, unit: ProbeReading['unit'], help: string, fact: string): ProbeReading {
  return {
    name: `host.interface.${name}`,
    kind: 'counter',
    ...(unit !== undefined && { unit }),
    labels: ['interface', 'direction'],
    holds: true,
    help: `${help.slice(0, -1)}, by direction (receive, transmit).`,
    read: (result) => byDirection(result, (direction) => ['counters', `${direction}${fact}`]),
  };
}

const DIRECTIONS = { rx: 'receive', tx: 'transmit' } as const;

function byDirection(
  { facts }: ProbeResult,
  pathOf: (direction: 'rx' | 'tx') => readonly string[],
): readonly ProbeSample[] {
  return listAt(facts, 'interfaces').flatMap((each) => {
    const name = textAt(each, 'name');
    if (name === undefined) return [];
    return (['rx', 'tx'] as const).flatMap((direction) => {
      const value = numberAt(each, ...pathOf(direction));
      return value === undefined ? [] : [{ labels: { interface: name, direction: DIRECTIONS[direction] }, value }];
    });
  });
}

function readSpeeds({ facts }: ProbeResult): readonly ProbeSample[] {
  return listAt(facts, 'interfaces').flatMap((each) => {
    const [name, bits] = [textAt(each, 'name'), numberAt(each, 'speed')];
    return name === undefined || bits === undefined ? [] : [{ labels: { interface: name }, value: bits / 8 }];
  });
}
