import { expect, it } from 'vitest';
import { hopsPrintedBy } from '../../../bench/paths/programs/hops.js';

it('reads who answered at each hop from what traceroute prints', () => {
  const output = `traceroute to 198.51.100.30 (198.51.100.30), 30 hops max, 60 byte packets
 1  192.0.2.2  0.022 ms  0.006 ms  0.005 ms
 2  * * *
 3  198.51.100.10  0.012 ms 198.51.100.6  0.008 ms 198.51.100.10  0.008 ms
10  2001:db8::1  0.014 ms !N *  0.009 ms
11  * * *
12  * * *
`;
  expect(hopsPrintedBy(output)).toEqual(['192.0.2.2', '*', '198.51.100.10 198.51.100.6', '2001:db8::1']);
});

it('finds none where there are none', () => {
  expect(hopsPrintedBy('')).toEqual([]);
  expect(hopsPrintedBy(' 1  * * *\n')).toEqual([]);
});
