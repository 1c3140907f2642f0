import type { Contest } from './contest.js';

type Method = Pick<Contest, 'name' | 'options' | 'flags'>;

/** Each way to trace that traceroute(8) has as well. Its TCP probes are each from a port of their own, and so may be under way at the same time. */
export const METHODS: readonly Method[] = [
  { name: 'by UDP', options: {}, flags: [] },
  { name: 'by ICMP', options: { method: 'icmp' }, flags: ['-I'] },
  { name: 'by TCP, a port each', options: { method: 'tcp', keepFlow: false }, flags: ['-T'] },
];

/** By TCP as netpause has it by default: of one flow, and so one probe after the other. */
export const ONE_FLOW: Method = { name: 'by TCP, one flow', options: { method: 'tcp' }, flags: ['-T'] };
