import type { CheckResult, LinkChange, NetworkChange } from '../../monitor/index.js';
import type { Signs } from '../text/appearance.js';
import type { LogEntry } from './model.js';

/** How an entry sounds: a colour, and nothing that the words do not say. */
export type Tone = 'good' | 'doubtful' | 'bad' | 'dim';

/** An entry of the log in a few words, for the screen. */
export function describeEntry(entry: LogEntry, signs: Signs): { readonly text: string; readonly tone: Tone } {
  switch (entry.kind) {
    case 'state':
      return describeChange(entry.change, signs);
    case 'link':
      return { text: describeLink(entry.change), tone: 'dim' };
    case 'check':
      return describeCheck(entry.result);
    case 'error':
      return { text: entry.message, tone: 'doubtful' };
  }
}

function describeChange({ from, to, reason, interface: name }: NetworkChange, { arrow }: Signs) {
  const on = name === undefined ? '' : ` on ${name}`;
  const tone: Tone = to === 'up' ? 'good' : to === 'down' ? 'bad' : 'doubtful';
  const step = from === to ? `still ${to}` : `${from} ${arrow} ${to}`;
  return { text: `${step} (${reason})${on}`, tone };
}

function describeLink({ change, interface: name, up, carrier, flapped }: LinkChange): string {
  if (change === 'removed') return `${name} is gone`;
  if (flapped) return `${name} lost its carrier for a moment`;
  const state = up ? 'up' : carrier ? 'down' : 'without carrier';
  return change === 'added' ? `${name} is new, and ${state}` : `${name} is ${state}`;
}

function describeCheck({ host, port, reachable, error = 'silent' }: CheckResult): ReturnType<typeof describeEntry> {
  if (reachable) return { text: `${host} answers on port ${port}`, tone: 'dim' };
  return { text: `${host} does not answer on port ${port} (${error})`, tone: 'doubtful' };
}
