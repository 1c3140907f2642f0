import { InvalidOptionError } from '../../errors/index.js';
import { isHost } from '../../names/index.js';
import { checkOptions, nonEmptyString, type OptionRules } from '../../options/index.js';
import { engineNames } from './engines.js';
import { type AskingEngineName, readTask, type ScheduleTask, TASK_RULES, type TaskFields } from './task.js';

/** A service whose hosts are found in DNS, and how each of them is probed. */
export interface SrvSelection extends Omit<TaskFields, 'target'> {
  /** The name of the SRV records (RFC 2782): `'_ldap._tcp.example.com'`. */
  readonly srv: string;
  /** The DNS server to ask, as an IP address, a name, or either with a port. @default the name servers of this system */
  readonly server?: string | undefined;
  /** The engine: any but `'host'`, which asks none of them. */
  readonly probe: AskingEngineName;
  /**
   * What is made of each host, with `{host}` and `{port}` in it.
   *
   * @default '{host}:{port}' for tcp and bandwidth, 'http://{host}:{port}/' for http, '{host}' for ping and trace
   */
  readonly target?: string | undefined;
  /** The engine's own options. */
  readonly options?: object | undefined;
}

/** Where a service is to be had. */
export interface SrvHost {
  readonly host: string;
  readonly port: number;
}

/**
 * Takes a selection, and refuses what is none, options of the engine included.
 *
 * @throws {InvalidOptionError}
 */
export function readSrvSelection(owner: string, given: object): SrvSelection {
  checkSelection(owner, given);
  // What can be wrong with a task of it is wrong with an example of one.
  tasksOf(owner, given, [{ host: 'srv.example.com', port: 1 }]);
  return given;
}

/** A task for each host, its name ending with host and port. */
export function tasksOf(owner: string, selection: SrvSelection, hosts: readonly SrvHost[]): readonly ScheduleTask[] {
  const {
    srv,
    server: _,
    target = TARGETS.get(selection.probe),
    name = `${selection.probe} ${srv}`,
    ...fields
  } = selection;
  if (target === undefined) {
    throw new InvalidOptionError(
      `${owner}: target`,
      target,
      `given for ${selection.probe}, with {host} and {port} in it`,
    );
  }
  // A host may stand there twice, with different priorities or weights.
  const places = new Map(hosts.map((place) => [`${place.host.toLowerCase()}:${place.port}`, place]));
  return [...places.values()].map(({ host, port }) =>
    readTask(owner, {
      ...fields,
      name: `${name} ${host}:${port}`,
      target: target.replaceAll('{host}', host).replaceAll('{port}', String(port)),
    }),
  );
}

/** The host of one record, in the words of a zone file: `'10 60 389 dc1.example.com'`. Undefined where the service is decidedly not there. */
export function srvHostOf(record: string): SrvHost | undefined {
  const [, , port, host = ''] = record.split(' ');
  const name = host.replace(/\.$/, '');
  // A target of "." means that there is no such service (RFC 2782).
  return isHost(name) ? { host: name, port: Number(port) } : undefined;
}

function checkSelection(owner: string, given: object): asserts given is SrvSelection {
  checkOptions(owner, given, RULES);
  const { probe, srv }: Partial<Record<string, unknown>> = { ...given };
  if (srv === undefined) throw new InvalidOptionError(`${owner}: srv`, srv, RULES.srv.allowed);
  if (typeof probe !== 'string' || !ASKING_ENGINES.includes(probe)) {
    throw new InvalidOptionError(`${owner}: probe`, probe, `one of ${ASKING_ENGINES.join(', ')}`);
  }
}

/** Reading this host once for each host of a service would say nothing of them. */
const ASKING_ENGINES = engineNames.filter((name) => name !== 'host');

const TARGETS: ReadonlyMap<string, string> = new Map([
  ['tcp', '{host}:{port}'],
  ['http', 'http://{host}:{port}/'],
  ['ping', '{host}'],
  ['trace', '{host}'],
  ['bandwidth', '{host}:{port}'],
]);

const RULES: OptionRules<SrvSelection> = {
  ...TASK_RULES,
  srv: {
    allowed: "the name of SRV records, as '_ldap._tcp.example.com'",
    accepts: (value) => typeof value === 'string' && /^_[^.\s]+\._[^.\s]+\.[^\s]+$/.test(value),
  },
  server: nonEmptyString,
};
