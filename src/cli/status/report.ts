import type {
  CheckResult,
  NetworkInterface,
  NetworkReason,
  NetworkSnapshot,
  NetworkState,
} from '../../monitor/index.js';
import { type Appearance, paintOf } from '../text/appearance.js';
import { formatDuration } from '../text/duration.js';
import { alignColumns, printable } from '../text/fit.js';
import { withIsoTimes } from '../text/iso-time.js';
import { describeEgress, describeSource, meaningForDestination, meaningOf } from '../text/words.js';

/** How the way to one destination stands. */
export interface DestinationStatus {
  readonly destination: string;
  readonly state: NetworkState;
  readonly reason: NetworkReason;
  readonly hasWay: boolean;
}

/** All that `status` tells. */
export interface StatusReport extends NetworkSnapshot {
  readonly interfaces: readonly NetworkInterface[];
  /** The destination that was asked about, if any. */
  readonly destination?: DestinationStatus;
}

/** What the report is about: the destination that was asked about, or the network. */
export function subjectOf(report: StatusReport): { readonly state: NetworkState; readonly reason: NetworkReason } {
  return report.destination ?? report;
}

/** The report for programs. */
export function toRecord(report: StatusReport): object {
  const { destination: status, ...rest } = withIsoTimes(report);
  if (status === undefined) return rest;
  const { destination, state, reason } = status;
  return { ...rest, destination: { destination, state, reason } };
}

/** The report as lines for people. */
export function renderStatus(report: StatusReport, appearance: Appearance): readonly string[] {
  const { egress, destination, reason } = report;
  const rows = [
    ...(egress === undefined ? [] : [['way out', describeEgress(egress)]]),
    ['source', describeSource(report)],
    ...section(
      'checks',
      groupByHost(report.checks).map((group) => describeHost(group, appearance)),
    ),
    ...section(
      'interfaces',
      report.interfaces.map((each) => describeInterface(each, appearance)),
    ),
  ];
  return [
    headline('network', report, meaningOf({ reason, hasWay: egress !== undefined }), appearance),
    ...(destination === undefined ? [] : [destinationLine(destination, appearance)]),
    ...alignColumns(rows),
  ];
}

function destinationLine(status: DestinationStatus, appearance: Appearance): string {
  const { destination } = status;
  return headline(printable(destination), status, meaningForDestination(destination, status), appearance);
}

function headline(
  subject: string,
  { state, reason }: ReturnType<typeof subjectOf>,
  meaning: string,
  { colours }: Appearance,
): string {
  return `${subject} ${colours.strong(paintOf(state, colours)(state))} (${reason}): ${meaning}`;
}

/** The title stands before the first row only. */
function section(title: string, rows: readonly string[]): readonly (readonly [string, string])[] {
  return rows.map((row, index) => [index === 0 ? title : '', row]);
}

function groupByHost(checks: readonly CheckResult[]): readonly (readonly CheckResult[])[] {
  const groups = new Map<string, CheckResult[]>();
  for (const check of checks) groups.set(check.host, [...(groups.get(check.host) ?? []), check]);
  return [...groups.values()];
}

function describeHost(checks: readonly CheckResult[], appearance: Appearance): string {
  const host = printable(checks[0]?.host ?? '');
  return [host, ...checks.map((check) => describeCheck(check, appearance))].join('  ');
}

function describeCheck({ port, reachable, duration, error }: CheckResult, { signs, colours }: Appearance): string {
  if (reachable) return `${colours.good(signs.good)} ${port} ${formatDuration(duration)}`;
  return `${colours.bad(signs.bad)} ${port} ${error ?? 'silent'}`;
}

function describeInterface(
  { name, carrier, operState, addresses }: NetworkInterface,
  { signs, colours }: Appearance,
): string {
  const sign = carrier ? colours.good(signs.carrier) : colours.dim(signs.noCarrier);
  // Drivers that do not track their state say unknown and mean up (RFC 2863).
  const isPlain = carrier && (operState === 'up' || operState === 'unknown');
  const state = isPlain ? [] : [`(${carrier ? operState : `${operState}, no carrier`})`];
  const list = addresses.map(({ address, prefixLength }) => `${address}/${prefixLength}`);
  return [sign, printable(name), ...state, ...list].join(' ');
}
