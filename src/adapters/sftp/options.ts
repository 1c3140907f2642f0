import type { Duplex } from 'node:stream';
import type { ConnectConfig } from 'ssh2';
import type { NetworkSource, RetryOptions } from '../../retry/index.js';

/** ssh2's configuration of a connection, without what is decided here. */
export interface SftpConnectConfig extends Omit<ConnectConfig, 'sock'> {
  /** The server's name or address. */
  readonly host: string;
  /**
   * How often the server is asked for a sign of life, in milliseconds. One from which nothing at all has come for more than
   * `keepaliveCountMax` intervals is given up, which ends the session and with it whatever waits for an answer. 0 turns it off: then a
   * session on a dead link can hang for a quarter of an hour, unless the monitor knows better.
   *
   * @default 5000
   */
  keepaliveInterval?: number;
  /**
   * How many such intervals may pass in silence.
   *
   * @default 3
   */
  keepaliveCountMax?: number;
  /**
   * How long it may take until a session is ready for work, in milliseconds.
   *
   * @default 20000
   */
  readyTimeout?: number;
}

/**
 * How to reach a server, and how to prove that it is the one that is meant; the rest are the options of a `Retryer`, which hold for every
 * operation.
 */
export interface SftpOptions extends RetryOptions {
  /** As ssh2 takes it: `host`, `port`, `username`, and `password`, `privateKey` or `agent`. Never logged. */
  readonly connect: SftpConnectConfig;
  /**
   * The server's key: its fingerprint as `ssh-keygen -l` prints it (`'SHA256:…'`), or the key itself as it stands in a .pub file
   * (`'ssh-ed25519 AAAA…'`), or several. A fingerprint does not tell its type: take that of the type which the server shows ssh2, Ed25519 before
   * ECDSA before RSA. Or `'insecure-accept-any'`, by which whoever sits on the way can pose as the server and have the
   * password.
   *
   * One of `hostKey`, `knownHosts` and ssh2's own `connect.hostVerifier` has to be given.
   */
  readonly hostKey?: string | readonly string[] | undefined;
  /** The path of a known_hosts file, as ssh(1) keeps it, in which the server's key has to stand. It is read for each connection. */
  readonly knownHosts?: string | undefined;
  /**
   * The network that the work depends on.
   *
   * @default the monitor that the process shares
   */
  readonly network?: NetworkSource | undefined;
  /** The proxy, bastion or tunnel end that the work really connects to, as `'host:port'`: the path is judged to that one. */
  readonly via?: string | undefined;
  /**
   * Makes the connection that a session goes over, in place of a TCP connection to the server: through a proxy, or another SSH server. Called
   * for each session, and given up after `connect.readyTimeout`.
   */
  readonly openSocket?: (() => Duplex | Promise<Duplex>) | undefined;
  /**
   * How long a session is kept when nothing uses it any more, in milliseconds. While it is, it keeps the process alive. 0 ends it with the
   * operation that used it last.
   *
   * @default 0
   */
  readonly idleTimeout?: number | undefined;
}

/** The options of a retryer that make sense for one operation: the network is that of the server. */
export type OperationOptions = Omit<RetryOptions, 'network'>;

/** How far a file has got. */
export interface TransferProgress {
  /** So many of its first bytes are at the other side and known to be right. It falls only where what was there turned out to be something else. */
  readonly bytes: number;
  /** The size of the file. */
  readonly total: number;
  /** How many bytes of it went over the wire in this call, those included that had to go again. */
  readonly moved: number;
}

/**
 * How much of an unfinished file is compared with the source before the rest is added to it, by reading it back from the server.
 *
 * - `size`: nothing. What is known to have been acknowledged is taken as it is; of what an earlier process has left, all but the last `window`
 *   bytes. The only one of the three for a server that lets files be written and not be read.
 * - `tail`: the end of it, which is where anything can be wrong that an interruption has done: a little more than `window` bytes, and less where
 *   it is known what was acknowledged.
 * - `full`: all of it; and after an upload everything is read back once more before it takes the place of the target. It sees
 *   also what a server has lost from the middle of a file when its power failed.
 */
export type Verify = 'size' | 'tail' | 'full';

/** How one file is transferred; the rest are the options of a `Retryer`, for this transfer. */
export interface TransferOptions extends OperationOptions {
  /**
   * How much of an unfinished file is compared before it is resumed.
   *
   * @default 'tail'
   */
  readonly verify?: Verify | undefined;
  /**
   * What becomes of the unfinished file when the transfer fails or is aborted: kept, so that another call goes on with it, or removed, as far as
   * the server can still be reached at once. One whose source was changed is removed in any case; one for which the old target was removed already
   * is kept in any case.
   *
   * @default 'keep'
   */
  readonly partial?: 'keep' | 'remove' | undefined;
  /**
   * Whether the target gets the time of modification of the source.
   *
   * @default false; in the transfer of a directory, true
   */
  readonly preserveTimes?: boolean | undefined;
  /**
   * The permissions of the target, as in chmod(1); `'source'` for those of the source.
   *
   * @default those of the file that it replaces; otherwise what the umask of the side that writes leaves
   */
  readonly mode?: number | 'source' | undefined;
  /**
   * How many bytes may be on their way unacknowledged. That is what may have to be sent again after an outage. On a path with much bandwidth
   * and a long round trip more is faster: the rate cannot exceed `window` per round trip. From 32 KiB to 1 MiB.
   *
   * @default 524288
   */
  readonly window?: number | undefined;
  /**
   * From which age on the unfinished files of other transfers are removed from the target's folder, in milliseconds by the clock of the side that
   * they are on. Only those that this library has named so. Infinity for never.
   *
   * @default 604800000, a week
   */
  readonly staleAfter?: number | undefined;
  /** Called whenever the transfer gets on. What it throws becomes a process warning. */
  readonly onProgress?: ((progress: TransferProgress) => void) | undefined;
}

/** What a transfer has done. */
export interface TransferResult {
  /** The size of the file. */
  readonly bytes: number;
  /** How many bytes of it went over the wire in this call: fewer where an earlier call had begun, more where some had to go again. */
  readonly moved: number;
}

/** Something that stands in a directory. */
export interface DirectoryEntry {
  /** Relative to the directory that is transferred, with `/` between its parts. */
  readonly path: string;
  /** What it is. */
  readonly type: 'file' | 'directory';
}

/** What has become of an entry of a directory. */
export type DirectoryEvent = {
  /** Relative to the directory that is transferred, with `/` between its parts. */
  readonly path: string;
} & (
  | {
      /** It was transferred. */
      readonly outcome: 'transferred';
      /** What that took. */
      readonly result: TransferResult;
    }
  | {
      /** It was there already, with the same size and time; or it is neither a file nor a directory: a symbolic link, a socket, a device. */
      readonly outcome: 'unchanged' | 'skipped';
    }
);

/** How a directory is transferred. What is in it is transferred by the same options. */
export interface DirectoryOptions extends Omit<TransferOptions, 'onProgress'> {
  /**
   * How many files are under way at a time, in the one session.
   *
   * @default 4
   */
  readonly concurrency?: number | undefined;
  /** Says of each entry whether it is transferred, and of a directory, whether it is entered. */
  readonly filter?: ((entry: DirectoryEntry) => boolean) | undefined;
  /**
   * Whether a file is left alone that is there already with the same size and time of modification, to the second.
   *
   * @default true
   */
  readonly skipUnchanged?: boolean | undefined;
  /** Called for each file that is done with, and each entry that is passed over. What it throws becomes a process warning. */
  readonly onEntry?: ((event: DirectoryEvent) => void) | undefined;
  /** Called whenever one of the files gets on. What it throws becomes a process warning. */
  readonly onProgress?: ((progress: TransferProgress & { readonly path: string }) => void) | undefined;
}

/** What became of the files of a directory, counted. */
export interface DirectoryResult {
  /** Files that were transferred. */
  readonly transferred: number;
  /** Files that were there already. */
  readonly unchanged: number;
  /** What is neither a file nor a directory. */
  readonly skipped: number;
  /** The bytes of the files that were transferred. */
  readonly bytes: number;
}
