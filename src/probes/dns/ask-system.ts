import { Resolver } from 'node:dns/promises';
import { isError } from '../../errors/index.js';
import { onAbort } from '../../events/index.js';
import { canonicalAddress } from '../../names/index.js';
import { failedBy, failureOf } from '../failure.js';
import type { ProbeFailure } from '../result.js';
import type { DnsAnswer } from './message.js';
import { systemName, systemText } from './octets.js';
import type { DnsQuestion } from './question.js';
import { recordTypeName } from './record-types.js';

/** What the system's resolver said. The failure is undefined where only the time was over. */
export type SystemAnswer =
  | {
      readonly kind: 'answer';
      readonly rcode: string;
      readonly answers: readonly DnsAnswer[];
      /** Milliseconds. */
      readonly duration: number;
    }
  | { readonly kind: 'failure'; readonly failure: ProbeFailure | undefined };

/** Asks the name servers of resolv.conf(5), by c-ares: not the hosts file, and no search domains. */
export async function askSystem({ name, type }: DnsQuestion, signal: AbortSignal): Promise<SystemAnswer> {
  if (signal.aborted) return { kind: 'failure', failure: undefined };
  // A new one each time: it reads the system's name servers when it is made, and those change with the network.
  const resolver = new Resolver({ timeout: 1_000, tries: 3 });
  const release = onAbort(signal, () => resolver.cancel());
  const start = performance.now();
  const answered = (rcode: string, answers: readonly DnsAnswer[]): SystemAnswer => ({
    kind: 'answer',
    rcode,
    answers,
    duration: performance.now() - start,
  });
  try {
    const records = (await LOOKUPS.get(recordTypeName(type))?.(resolver, name)) ?? [];
    return answered(
      'NOERROR',
      records.map((record) => toAnswer(name, record)),
    );
  } catch (error) {
    if (signal.aborted) return { kind: 'failure', failure: undefined };
    const rcode = RCODES.get(codeOf(error));
    return rcode === undefined ? { kind: 'failure', failure: failureOfResolver(error) } : answered(rcode, []);
  } finally {
    release();
  }
}

/** The types that `node:dns` has on every version of Node.js from 20 on. */
export function isSystemType(type: number): boolean {
  return LOOKUPS.has(recordTypeName(type));
}

export const SYSTEM_TYPES = (): string => [...LOOKUPS.keys()].join(', ');

interface Record {
  readonly type: string;
  readonly data: string;
  readonly ttl?: number;
}

type LookUp = (resolver: Resolver, name: string) => Promise<readonly Record[]>;

const LOOKUPS: ReadonlyMap<string, LookUp> = new Map<string, LookUp>([
  [
    'A',
    async (resolver, name) =>
      (await resolver.resolve4(name, { ttl: true })).map(({ address, ttl }) => ({ type: 'A', data: address, ttl })),
  ],
  [
    'AAAA',
    async (resolver, name) =>
      (await resolver.resolve6(name, { ttl: true })).map(({ address, ttl }) => ({
        type: 'AAAA',
        data: canonicalAddress(address),
        ttl,
      })),
  ],
  ['CNAME', async (resolver, name) => namesOf('CNAME', await resolver.resolveCname(name))],
  ['NS', async (resolver, name) => namesOf('NS', await resolver.resolveNs(name))],
  ['PTR', async (resolver, name) => namesOf('PTR', await resolver.resolvePtr(name))],
  [
    'MX',
    async (resolver, name) =>
      (await resolver.resolveMx(name)).map(({ priority, exchange }) => ({
        type: 'MX',
        data: `${priority} ${systemName(exchange)}`,
      })),
  ],
  [
    'TXT',
    async (resolver, name) =>
      (await resolver.resolveTxt(name)).map((parts) => ({ type: 'TXT', data: systemText(parts.join('')) })),
  ],
  [
    'SRV',
    async (resolver, name) =>
      (await resolver.resolveSrv(name)).map(({ priority, weight, port, name: target }) => ({
        type: 'SRV',
        data: `${priority} ${weight} ${port} ${systemName(target)}`,
      })),
  ],
  [
    'SOA',
    async (resolver, name) => {
      const { nsname, hostmaster, serial, refresh, retry, expire, minttl } = await resolver.resolveSoa(name);
      return [
        {
          type: 'SOA',
          data: [systemName(nsname), systemName(hostmaster), serial, refresh, retry, expire, minttl].join(' '),
        },
      ];
    },
  ],
]);

function namesOf(type: string, names: readonly string[]): readonly Record[] {
  return names.map((name) => ({ type, data: systemName(name) }));
}

function toAnswer(name: string, { type, data, ttl }: Record): DnsAnswer {
  return { name, type, ...(ttl !== undefined && { ttl }), data };
}

/** What c-ares makes of the response codes (ares.h). */
const RCODES: ReadonlyMap<string, string> = new Map([
  ['ENODATA', 'NOERROR'],
  ['EFORMERR', 'FORMERR'],
  ['ESERVFAIL', 'SERVFAIL'],
  ['ENOTFOUND', 'NXDOMAIN'],
  ['ENOTIMP', 'NOTIMP'],
  ['EREFUSED', 'REFUSED'],
]);

function failureOfResolver(error: unknown): ProbeFailure {
  const message = isError(error) ? error.message : String(error);
  if (codeOf(error) === 'EBADRESP') return failedBy('resolver', 'malformed-answer', message);
  return failureOf(error) ?? failedBy('resolver', 'resolver-failed', message);
}

function codeOf(error: unknown): string {
  return isError(error) && 'code' in error && typeof error.code === 'string' ? error.code : '';
}
