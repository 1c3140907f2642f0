import type { Duplex } from 'node:stream';
import type { ConnectConfig } from 'ssh2';
import { InvalidOptionError } from '../../errors/index.js';
import {
  abortSignal,
  boolean,
  checkOptions,
  either,
  functionRule,
  milliseconds,
  millisecondsOrInfinity,
  nonEmptyString,
  type OptionRule,
  type OptionRules,
  oneOf,
  wholeNumberFrom,
} from '../../options/index.js';
import type { NetworkSource, RetryOptions } from '../../retry/index.js';
import type { HostKeyPolicy } from './host-key.js';
import type {
  DirectoryOptions,
  OperationOptions,
  SftpConnectConfig,
  SftpOptions,
  TransferOptions,
  Verify,
} from './options.js';
import type { Keepalive } from './silence.js';

/** All that a connection needs, checked and completed. */
export interface ConnectionSettings {
  readonly config: ConnectConfig;
  readonly host: string;
  readonly port: number;
  readonly hostKey: HostKeyPolicy;
  readonly keepalive: Keepalive;
  readonly readyTimeout: number;
  readonly openSocket: (() => Duplex | Promise<Duplex>) | undefined;
}

export interface SftpSettings {
  readonly connection: ConnectionSettings;
  readonly network: NetworkSource | undefined;
  readonly via: string | undefined;
  readonly idleTimeout: number;
  readonly retry: OperationOptions;
}

/** How one file is transferred, checked and completed. */
export interface TransferSettings {
  readonly verify: Verify;
  readonly partial: 'keep' | 'remove';
  readonly preserveTimes: boolean;
  readonly mode: number | 'source' | undefined;
  readonly window: number;
  readonly staleAfter: number;
  readonly onProgress: TransferOptions['onProgress'];
}

export interface FileSettings {
  readonly transfer: TransferSettings;
  readonly retry: OperationOptions;
}

export interface DirectorySettings {
  readonly concurrency: number;
  readonly filter: DirectoryOptions['filter'];
  readonly skipUnchanged: boolean;
  readonly onEntry: DirectoryOptions['onEntry'];
  /** For what has to be done beside the files. */
  readonly retry: OperationOptions;
  /** For one file, by its path in the directory. */
  settingsFor(path: string, signal: AbortSignal): FileSettings;
}

/**
 * The bytes that a request carries at most: what every server takes (draft-ietf-secsh-filexfer-02, section 3: packets of 34,000 bytes), and what
 * sftp(1) uses.
 */
export const CHUNK = 32 * 1024;

/** What no `window` exceeds, in bytes. */
export const LARGEST_WINDOW = 32 * CHUNK;

/** @throws {InvalidOptionError} */
export function sftpSettings(options: SftpOptions): SftpSettings {
  assertNothingMisplaced(options);
  const { connect, hostKey, knownHosts, network, via, openSocket, idleTimeout, ...retry } = object(OWNER, options);
  checkOptions(OWNER, { hostKey, knownHosts, via, openSocket, idleTimeout }, RULES);
  const connection = connectionSettings(connect);
  return {
    connection: { ...connection, hostKey: hostKeyPolicy(connect, hostKey, knownHosts), openSocket },
    network,
    via,
    idleTimeout: idleTimeout ?? 0,
    retry: operationOptions(OWNER, retry),
  };
}

/** @throws {InvalidOptionError} */
export function transferSettings(owner: string, options: TransferOptions): FileSettings {
  const { verify, partial, preserveTimes, mode, window, staleAfter, onProgress, ...retry } = object(owner, options);
  checkOptions(owner, { verify, partial, preserveTimes, mode, window, staleAfter, onProgress }, TRANSFER_RULES);
  return {
    transfer: {
      verify: verify ?? 'tail',
      partial: partial ?? 'keep',
      preserveTimes: preserveTimes ?? false,
      mode,
      window: window ?? 16 * CHUNK,
      staleAfter: staleAfter ?? WEEK,
      onProgress,
    },
    retry: operationOptions(owner, retry),
  };
}

/** @throws {InvalidOptionError} */
export function directorySettings(owner: string, options: DirectoryOptions): DirectorySettings {
  const { concurrency, filter, skipUnchanged, onEntry, onProgress, ...others } = object(owner, options);
  checkOptions(owner, { concurrency, filter, skipUnchanged, onEntry, onProgress }, DIRECTORY_RULES);
  const { transfer, retry } = transferSettings(owner, { ...others, preserveTimes: others.preserveTimes ?? true });
  return {
    concurrency: concurrency ?? 4,
    filter,
    skipUnchanged: skipUnchanged ?? true,
    onEntry,
    retry,
    settingsFor: (path, signal) => ({
      transfer: { ...transfer, onProgress: onProgress && ((progress) => onProgress({ path, ...progress })) },
      retry: { ...retry, signal },
    }),
  };
}

/** The network is that of the server, for all operations: two that waited for different ones could not share a session. */
export function operationOptions(owner: string, options: RetryOptions): OperationOptions {
  const { network, ...others } = object(owner, options);
  // The rest is checked by the retryer; this is used before.
  checkOptions(owner, { signal: others.signal }, { signal: abortSignal });
  if (network === undefined) return others;
  throw new InvalidOptionError(`${owner}: network`, network, 'left out: it is given to createSftp()');
}

/** @throws {InvalidOptionError} */
export function checkPath(option: string, path: unknown): void {
  if (typeof path === 'string' && path !== '' && !path.includes('\0')) return;
  throw new InvalidOptionError(option, path, 'a path');
}

/** With a slash at its end it would be found out after the transfer, by the rename. @throws {InvalidOptionError} */
export function checkFilePath(option: string, path: unknown): void {
  checkPath(option, path);
  if (typeof path === 'string' && path.endsWith('/')) throw new InvalidOptionError(option, path, 'the path of a file');
}

const OWNER = 'createSftp';

const WEEK = 7 * 24 * 60 * 60 * 1000;

/** What belongs into `connect` and stands beside it, or a URL in place of everything, may hold a password: it is told without showing it. */
function assertNothingMisplaced(options: unknown): void {
  if (typeof options !== 'object' || options === null) {
    throw new InvalidOptionError(`${OWNER}: options`, typeof options, 'an object');
  }
  const misplaced = Object.keys(options).find((name) => OF_CONNECT.has(name));
  if (misplaced !== undefined) {
    throw new InvalidOptionError(`${OWNER}: ${misplaced}`, 'beside it', `given as connect.${misplaced}`);
  }
}

const OF_CONNECT: ReadonlySet<string> = new Set<keyof SftpConnectConfig>([
  'agent',
  'host',
  'passphrase',
  'password',
  'port',
  'privateKey',
  'username',
]);

/** What is wrong with a configuration is told without showing it, for there are passwords in it. */
function connectionSettings(connect: SftpConnectConfig): Omit<ConnectionSettings, 'hostKey' | 'openSocket'> {
  if (typeof connect !== 'object' || connect === null) {
    throw new InvalidOptionError(`${OWNER}: connect`, typeof connect, "ssh2's configuration: { host, username, … }");
  }
  if ('sock' in connect && connect.sock !== undefined) {
    throw new InvalidOptionError(
      `${OWNER}: connect.sock`,
      'a stream',
      'left out: use openSocket, which makes one for each session',
    );
  }
  const { host, port = 22, keepaliveInterval = 5000, keepaliveCountMax = 3, readyTimeout = 20_000 } = connect;
  check('connect.host', host, nonEmptyString);
  check('connect.port', port, wholeNumberFrom(1, 65_535));
  check('connect.keepaliveInterval', keepaliveInterval, milliseconds());
  check('connect.keepaliveCountMax', keepaliveCountMax, wholeNumberFrom(1, 1_000_000));
  check('connect.readyTimeout', readyTimeout, milliseconds(1));
  const keepalive = { interval: keepaliveInterval, count: keepaliveCountMax };
  return { config: { ...connect, port, readyTimeout }, host, port, keepalive, readyTimeout };
}

function check(name: string, value: unknown, rule: OptionRule): void {
  if (!rule.accepts(value)) throw new InvalidOptionError(`${OWNER}: ${name}`, value, rule.allowed);
}

function hostKeyPolicy(
  { hostVerifier }: SftpConnectConfig,
  hostKey: SftpOptions['hostKey'],
  knownHosts: string | undefined,
): HostKeyPolicy {
  const given = [hostVerifier, hostKey, knownHosts].filter((each) => each !== undefined);
  if (given.length !== 1) {
    throw new InvalidOptionError(
      `${OWNER}: hostKey`,
      hostKey,
      "the server's fingerprint ('SHA256:…', as ssh-keygen -l prints it) or public key, unless one of knownHosts and connect.hostVerifier " +
        "is given in its place; or 'insecure-accept-any'",
    );
  }
  if (knownHosts !== undefined) return { kind: 'known-hosts', file: knownHosts };
  if (hostKey === undefined) return { kind: 'caller' };
  return hostKey === ANY ? { kind: 'any' } : { kind: 'keys', keys: [hostKey].flat().map(bareKey) };
}

const ANY = 'insecure-accept-any';

/** `ssh-ed25519 AAAA… comment` → `AAAA…` */
function bareKey(key: string): string {
  const [first = '', second] = key.trim().split(/\s+/);
  return second ?? first;
}

/** The code behind it reads properties, so that it has to be an object before it is anything else. */
function object<Options extends object>(owner: string, options: Options): Options {
  if (typeof options === 'object' && options !== null) return options;
  throw new InvalidOptionError(`${owner}: options`, options, 'an object');
}

const hostKeyRule: OptionRule = {
  allowed: "a fingerprint ('SHA256:…'), a public key ('ssh-ed25519 AAAA…'), or 'insecure-accept-any'",
  accepts: (value) =>
    typeof value === 'string' &&
    (value === ANY ||
      /^(SHA256:[A-Za-z0-9+/]{43}=?|([a-z0-9@.-]+ )?AAAA[A-Za-z0-9+/]+={0,2}( .*)?)$/.test(value.trim())),
};

const RULES: OptionRules<Pick<SftpOptions, 'hostKey' | 'knownHosts' | 'via' | 'openSocket' | 'idleTimeout'>> = {
  hostKey: either(hostKeyRule, {
    allowed: 'several of them',
    accepts: (value) =>
      Array.isArray(value) && value.length > 0 && value.every((each) => each !== ANY && hostKeyRule.accepts(each)),
  }),
  knownHosts: nonEmptyString,
  via: nonEmptyString,
  openSocket: functionRule,
  idleTimeout: milliseconds(),
};

const TRANSFER_RULES: OptionRules<Omit<TransferOptions, keyof RetryOptions>> = {
  verify: oneOf('size', 'tail', 'full'),
  partial: oneOf('keep', 'remove'),
  preserveTimes: boolean,
  mode: either(wholeNumberFrom(0, 0o7777), oneOf('source')),
  window: wholeNumberFrom(CHUNK, LARGEST_WINDOW),
  staleAfter: millisecondsOrInfinity(),
  onProgress: functionRule,
};

const DIRECTORY_RULES: OptionRules<
  Omit<DirectoryOptions, keyof TransferOptions> & Pick<DirectoryOptions, 'onProgress'>
> = {
  concurrency: wholeNumberFrom(1, 64),
  filter: functionRule,
  skipUnchanged: boolean,
  onEntry: functionRule,
  onProgress: functionRule,
};
