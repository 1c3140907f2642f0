import { readFile } from 'node:fs/promises';
import type { EngineName, EngineTask } from '../../probes/index.js';
import { CliError } from '../cli-error.js';
import { EXIT } from '../exit-codes.js';
import { readToken } from '../options/token.js';
import { explain } from '../text/words.js';

/** The flags of all engines, as they are read; each engine has some of them. */
export interface EngineFlags {
  readonly ipv4?: boolean;
  readonly ipv6?: boolean;
  readonly source?: string;
  readonly sourceInterface?: string;
  readonly port?: readonly number[];
  readonly send?: string;
  readonly expect?: readonly string[];
  readonly method?: string;
  readonly header?: readonly string[];
  readonly status?: readonly string[];
  readonly maxRedirects?: number;
  readonly http?: string;
  readonly ca?: string;
  readonly verify?: boolean;
  readonly minCertificateDays?: number;
  readonly type?: string;
  readonly server?: string;
  readonly transport?: string;
  readonly rcode?: string;
  readonly packets?: number;
  readonly packetInterval?: number;
  readonly size?: number;
  readonly ttl?: number;
  readonly maxLoss?: number;
  readonly maxRtt?: number;
  readonly tcpPort?: number;
  readonly dscp?: number;
  readonly maxHops?: number;
  readonly rounds?: number;
  readonly flows?: number;
  readonly names?: boolean;
  readonly direction?: string;
  /** Milliseconds. */
  readonly duration?: number;
  readonly maxBytes?: number;
  readonly streams?: number;
  readonly tokenFile?: string;
  /** Milliseconds. */
  readonly sample?: number;
  readonly disk?: readonly string[];
  readonly only?: readonly string[];
}

/**
 * The options of an engine that flags stand for; whether their values are right is for the engine to say.
 *
 * @throws {CliError} where a file cannot be read or a flag is no pair of name and value.
 */
export async function engineOptionsOf(engine: EngineName, flags: EngineFlags): Promise<object> {
  const options = await OPTIONS[engine](flags);
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined));
}

/**
 * A task for one target.
 *
 * @param timeout in milliseconds, where it is not the engine's own.
 */
export function taskFor(engine: EngineName, target: string, options: object, timeout?: number): EngineTask {
  // Whatever is wrong with the options is found when the task is added.
  const fields = { target, options, timeout, pauseWhileDown: false };
  switch (engine) {
    case 'tcp':
      return { probe: 'tcp', ...fields };
    case 'http':
      return { probe: 'http', ...fields };
    case 'dns':
      return { probe: 'dns', ...fields };
    case 'ping':
      return { probe: 'ping', ...fields };
    case 'trace':
      return { probe: 'trace', ...fields };
    case 'bandwidth':
      return { probe: 'bandwidth', ...fields };
    case 'host':
      return { probe: 'host', ...fields };
  }
}

const OPTIONS: Readonly<Record<EngineName, (flags: EngineFlags) => object | Promise<object>>> = {
  tcp: (flags) => ({
    ...connectOptions(flags),
    ports: flags.port,
    send: flags.send === undefined ? undefined : unescaped(flags.send),
    expect: flags.expect?.at(-1),
  }),
  http: httpOptions,
  dns: (flags) => ({
    type: flags.type,
    server: flags.server,
    transport: flags.transport,
    rcode: flags.rcode,
    expect: flags.expect,
    family: familyOf(flags),
    source: flags.source,
  }),
  ping: (flags) => ({
    ...connectOptions(flags),
    count: flags.packets,
    interval: flags.packetInterval,
    payloadSize: flags.size,
    ttl: flags.ttl,
    maxLoss: flags.maxLoss,
    maxRtt: flags.maxRtt,
    dscp: flags.dscp,
    ...(flags.tcpPort !== undefined && { fallback: 'tcp', port: flags.tcpPort }),
  }),
  trace: (flags) => ({
    ...connectOptions(flags),
    method: flags.method,
    port: flags.port?.at(-1),
    maxHops: flags.maxHops,
    rounds: flags.rounds,
    flows: flags.flows,
    names: flags.names,
    dscp: flags.dscp,
  }),
  bandwidth: async (flags) => ({
    ...connectOptions(flags),
    direction: flags.direction,
    duration: flags.duration,
    maxBytes: flags.maxBytes,
    streams: flags.streams,
    token: await readToken(flags.tokenFile),
  }),
  host: (flags) => ({ interval: flags.sample, disks: flags.disk, interfaces: flags.only }),
};

function connectOptions(flags: EngineFlags) {
  return { family: familyOf(flags), source: flags.source, interface: flags.sourceInterface };
}

function familyOf({ ipv4, ipv6 }: EngineFlags): 4 | 6 | undefined {
  if (ipv4 === true) return 4;
  return ipv6 === true ? 6 : undefined;
}

async function httpOptions(flags: EngineFlags): Promise<object> {
  const { ca, verify } = flags;
  const tls = {
    ...(ca !== undefined && { ca: await readPem(ca) }),
    ...(verify === false && { verify }),
  };
  return {
    ...connectOptions(flags),
    method: flags.method,
    headers: flags.header && Object.fromEntries(flags.header.map(pairOf)),
    status: flags.status?.map((status) => (/^\d+$/.test(status) ? Number(status) : status)),
    expectBody: flags.expect?.at(-1),
    maxRedirects: flags.maxRedirects,
    version: flags.http,
    minCertificateDays: flags.minCertificateDays,
    ...(Object.keys(tls).length > 0 && { tls }),
  };
}

async function readPem(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    throw new CliError(`--ca: ${explain(error)}`, EXIT.usage, { cause: error });
  }
}

function pairOf(field: string): readonly [string, string] {
  const [, name, value] = /^([^:]+):\s*(.*)$/.exec(field) ?? [];
  // What stands in a header field may be secret, and is not repeated.
  if (name === undefined || value === undefined)
    throw new CliError("--header must be given as 'name: value'", EXIT.usage);
  return [name, value];
}

/** `\r`, `\n`, `\t` and `\\`, which are hard to type. */
function unescaped(text: string): string {
  return text.replace(/\\([rnt\\])/g, (_, letter: string) => ESCAPES.get(letter) ?? letter);
}

const ESCAPES: ReadonlyMap<string, string> = new Map([
  ['r', '\r'],
  ['n', '\n'],
  ['t', '\t'],
]);
