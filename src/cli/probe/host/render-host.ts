import type { CpuUsage, DiskUsage, HostFacts, InterfaceTraffic, MemoryUsage } from '../../../probes/index.js';
import type { Appearance } from '../../text/appearance.js';
import { formatBytes } from '../../text/bytes.js';
import { formatDuration } from '../../text/duration.js';
import { alignColumns, printable } from '../../text/fit.js';
import { formatPercent } from '../../text/percent.js';
import { formatRate } from '../../text/rate.js';

/** What a host says of itself, as a compact report. What it does not say is left out. Pure. */
export function renderHost(facts: HostFacts, appearance: Appearance): readonly string[] {
  const { colours } = appearance;
  const { hostname, uptime, load } = facts;
  const since = uptime === undefined ? '' : `  up ${formatDuration(uptime)}`;
  const summary = [
    ...(load === undefined ? [] : [['load', loadOf(load)]]),
    ...(facts.cpu === undefined ? [] : [['cpu', describeCpu(facts.cpu)]]),
    ['memory', describeMemory(facts.memory)],
    ...swapOf(facts.memory).map((text) => ['swap', text]),
    ...cgroupOf(facts).map((text) => ['cgroup', text]),
  ];
  return [
    `${colours.strong(printable(hostname))}${since}`,
    ...indent(alignColumns(summary)),
    ...table(DISK_HEAD, facts.disks.map(diskCells), appearance),
    ...table(
      INTERFACE_HEAD,
      facts.interfaces.map((each) => interfaceCells(each, appearance)),
      appearance,
    ),
  ];
}

/** The same in one line. */
export function describeHost({ load, cpu, memory, disks, interfaces }: HostFacts): readonly string[] {
  const fullest = [...disks].sort((a, b) => (b.utilisation ?? 0) - (a.utilisation ?? 0))[0];
  return [
    ...(cpu === undefined ? [] : [`cpu ${formatPercent(cpu.utilisation)}`]),
    ...(memory.utilisation === undefined ? [] : [`memory ${formatPercent(memory.utilisation)}`]),
    ...(load === undefined ? [] : [`load ${loadOf(load)}`]),
    ...(fullest?.utilisation === undefined ? [] : [`${fullest.path} ${formatPercent(fullest.utilisation)} full`]),
    ...interfaces.flatMap(({ name, rates }) =>
      rates === undefined || name === 'lo' || rates.rxBytes + rates.txBytes === 0
        ? []
        : [`${name} in ${formatRate(rates.rxBytes)} out ${formatRate(rates.txBytes)}`],
    ),
  ].map(printable);
}

function loadOf({ one, five, fifteen }: NonNullable<HostFacts['load']>): string {
  return [one, five, fifteen].map((each) => each.toFixed(2)).join(' ');
}

function describeCpu({ count, utilisation, ...parts }: CpuUsage): string {
  const shares = CPU_PARTS.flatMap((name) => (parts[name] > 0 ? [`${name} ${formatPercent(parts[name])}`] : []));
  const of = `of ${count} ${count === 1 ? 'processor' : 'processors'}`;
  return `${formatPercent(utilisation)} ${of}${shares.length === 0 ? '' : ` (${shares.join(', ')})`}`;
}

const CPU_PARTS = ['user', 'system', 'interrupts', 'iowait', 'steal'] as const;

function describeMemory({ total, free, available, utilisation, cached }: MemoryUsage): string {
  const rest =
    available === undefined
      ? `${formatBytes(free)} free of ${formatBytes(total)}`
      : `${formatBytes(available)} available of ${formatBytes(total)}`;
  const used = utilisation === undefined ? '' : `${formatPercent(utilisation)} used, `;
  return `${used}${rest}${cached === undefined ? '' : `, ${formatBytes(cached)} cached`}`;
}

function swapOf({ swapTotal, swapFree }: MemoryUsage): readonly string[] {
  if (swapTotal === undefined || swapFree === undefined || swapTotal === 0) return [];
  const used = (swapTotal - swapFree) / swapTotal;
  return [`${formatPercent(used)} used, ${formatBytes(swapFree)} free of ${formatBytes(swapTotal)}`];
}

function cgroupOf({ cgroup }: HostFacts): readonly string[] {
  if (cgroup === undefined) return [];
  const { memoryLimit, memoryUsed, cpuLimit } = cgroup;
  const used = memoryUsed === undefined ? '' : `${formatBytes(memoryUsed)} `;
  const parts = [
    ...(memoryLimit === undefined ? [] : [`memory ${used}of ${formatBytes(memoryLimit)}`]),
    ...(cpuLimit === undefined ? [] : [`cpu at most ${cpuLimit} processors`]),
  ];
  return parts.length === 0 ? [] : [parts.join(', ')];
}

const DISK_HEAD = ['DISK', 'USED', 'AVAILABLE', 'SIZE', 'TYPE'] as const;

function diskCells({ path, total, available, utilisation, type = '-', error }: DiskUsage): readonly string[] {
  if (error !== undefined) return [printable(path), printable(error), '-', '-', printable(type)];
  return [
    printable(path),
    utilisation === undefined ? '-' : formatPercent(utilisation),
    available === undefined ? '-' : formatBytes(available),
    total === undefined ? '-' : formatBytes(total),
    printable(type),
  ];
}

const INTERFACE_HEAD = ['INTERFACE', 'IN', 'OUT', 'SPEED', 'ERRORS', 'DROPPED'] as const;

function interfaceCells(traffic: InterfaceTraffic, { colours }: Appearance): readonly string[] {
  const { name, rates, speed, rxUtilisation, txUtilisation, counters } = traffic;
  const count = (value: number): string => (value > 0 ? colours.doubtful(String(value)) : '0');
  return [
    printable(name),
    rates === undefined ? '-' : `${formatRate(rates.rxBytes)}${share(rxUtilisation)}`,
    rates === undefined ? '-' : `${formatRate(rates.txBytes)}${share(txUtilisation)}`,
    speed === undefined ? '-' : `${Math.round(speed / 1e6)} Mbit/s`,
    count(counters.rxErrors + counters.txErrors),
    count(counters.rxDropped + counters.txDropped),
  ];
}

function share(utilisation: number | undefined): string {
  return utilisation === undefined ? '' : ` (${formatPercent(utilisation)})`;
}

function table(
  head: readonly string[],
  rows: readonly (readonly string[])[],
  { colours }: Appearance,
): readonly string[] {
  if (rows.length === 0) return [];
  const [first = '', ...lines] = alignColumns([head, ...rows]);
  return ['', ...indent([colours.dim(first), ...lines])];
}

function indent(lines: readonly string[]): readonly string[] {
  return lines.map((line) => `  ${line}`);
}
