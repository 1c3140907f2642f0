import { lstat, stat } from 'node:fs/promises';
import { dirname, posix } from 'node:path';
import type SftpClient from 'ssh2-sftp-client';
import { InvalidOptionError } from '../../errors/index.js';
import { linkSignals, orAborted } from '../../events/index.js';
import { formatEndpoint } from '../../names/index.js';
import { type AttemptContext, createRetryer, type NetworkSource, type Retryer } from '../../retry/index.js';
import { networkTo } from '../shared/network-to.js';
import { transferDirectory } from './directory-transfer.js';
import { Download } from './download.js';
import { asClientFailure, asTransferFailure } from './final-failure.js';
import { LocalSource } from './local-source.js';
import type {
  DirectoryOptions,
  DirectoryResult,
  OperationOptions,
  SftpOptions,
  TransferOptions,
  TransferResult,
} from './options.js';
import { RemoteFiles } from './remote-files.js';
import type { Session } from './session.js';
import { isLoss, Sessions } from './sessions.js';
import {
  checkFilePath,
  checkPath,
  directorySettings,
  type FileSettings,
  operationOptions,
  type SftpSettings,
  sftpSettings,
  type TransferSettings,
  transferSettings,
} from './settings.js';
import { SftpClosedError } from './sftp-closed-error.js';
import { SourceChangedError } from './source-changed-error.js';
import { SweptFolders } from './swept-folders.js';
import { entriesAtServer, entriesHere, makeFolderAtServer, makeFolderHere, pathHere } from './trees.js';
import { isSameAtServer, isSameHere } from './unchanged.js';
import { Upload } from './upload.js';

/** Work of one attempt, in one session. */
type Work<Value> = (session: Session, context: AttemptContext) => Promise<Value>;

/**
 * Files over SFTP, through outages.
 *
 * Whoever needs a session opens it, all who are at work share it, and it ends with the last of them. When the network under it is lost, or the
 * server falls silent, it is ended at once; the work waits for the network and goes on in another, where it stopped. An outage spends no attempt,
 * and progress gives back those that were spent on something else. What a server answers, that a file is not there or the disk is full, is not
 * tried again; nor is a login that was refused.
 */
export class Sftp implements AsyncDisposable {
  /** What runs the operations: it tells of their attempts, pauses and failures. */
  readonly retryer: Retryer;
  readonly #settings: SftpSettings;
  readonly #sessions: Sessions;
  readonly #sweptAtServer = new SweptFolders();
  readonly #sweptHere = new SweptFolders();
  readonly #closing = new AbortController();
  readonly #running = new Set<Promise<unknown>>();
  #network: NetworkSource | undefined;

  /** @throws {InvalidOptionError} where an option has a wrong name, type or range. */
  constructor(options: SftpOptions) {
    this.#settings = sftpSettings(options);
    this.retryer = createRetryer(this.#settings.retry);
    this.#sessions = new Sessions(this.#settings.connection, this.#settings.idleTimeout);
  }

  /**
   * Uploads a file. It grows under a temporary name beside its target, and takes the target's place when it is complete: at once, where the server
   * can (`posix-rename@openssh.com`). After an outage it goes on where it stopped; and so does another call with the same paths and an
   * unchanged file, in this process or in one that was started after a crash.
   *
   * A symbolic link in the place of the target is replaced, not followed.
   *
   * @throws what opening the local file says; the server's status; `SourceChangedError`, `TransferMismatchError`, `HostKeyError`; and what
   * `Retryer.run` says.
   */
  async uploadFile(local: string, remote: string, options: TransferOptions = {}): Promise<TransferResult> {
    const settings = transferSettings('uploadFile', options);
    checkPath('uploadFile: local', local);
    checkFilePath('uploadFile: remote', remote);
    return this.#tracked(() => this.#reading(local, (source) => this.#upload(source, remote, settings)));
  }

  /**
   * Downloads a file: the same the other way round. It goes on where it stopped as long as the file at the server has the size and time of
   * modification that it had; otherwise it begins anew.
   *
   * @throws the server's status; what writing the local file says; `SourceChangedError`, `HostKeyError`; and what `Retryer.run` says.
   */
  async downloadFile(remote: string, local: string, options: TransferOptions = {}): Promise<TransferResult> {
    const settings = transferSettings('downloadFile', options);
    checkPath('downloadFile: remote', remote);
    checkFilePath('downloadFile: local', local);
    return this.#tracked(() => this.#download(remote, local, settings));
  }

  /**
   * Uploads what is in a directory into one at the server, which is made if it is not there; the one that it stands in has to be. Files are
   * transferred as {@link uploadFile} does it, several at a time in one session. Links, sockets and devices are passed over, and nothing is
   * removed at the server.
   *
   * @throws as {@link uploadFile}, with the first file that fails; those that are under way are aborted.
   */
  async uploadDirectory(local: string, remote: string, options: DirectoryOptions = {}): Promise<DirectoryResult> {
    const settings = directorySettings('uploadDirectory', options);
    checkPath('uploadDirectory: local', local);
    checkPath('uploadDirectory: remote', remote);
    const at = (path: string): string => posix.join(remote, path);
    return this.#holding(() =>
      transferDirectory(
        {
          entries: (path) => entriesHere(pathHere(local, path)),
          makeFolder: (path, signal) =>
            this.#onFiles('sftp mkdir', { ...settings.retry, signal }, (files) => makeFolderAtServer(files, at(path))),
          transfer: (path, signal) =>
            this.#reading(pathHere(local, path), async (source) => {
              const ofFile = settings.settingsFor(path, signal);
              const isSame = (files: RemoteFiles) => isSameAtServer(files, source, at(path));
              if (settings.skipUnchanged && (await this.#onFiles('sftp stat', ofFile.retry, isSame))) return undefined;
              return this.#upload(source, at(path), ofFile);
            }),
        },
        settings,
        settings.retry.signal,
      ),
    );
  }

  /**
   * Downloads what is in a directory at the server into a local one, which is made if it is not there; the one that it stands in has to be. Files are
   * transferred as {@link downloadFile} does it, several at a time in one session. Links, sockets and devices are passed over, and nothing is
   * removed here. Whatever names the server gives, nothing is written outside of the local directory.
   *
   * @throws as {@link downloadFile}, with the first file that fails; those that are under way are aborted. `UnsafePathError` for a name
   * that leads elsewhere.
   */
  async downloadDirectory(remote: string, local: string, options: DirectoryOptions = {}): Promise<DirectoryResult> {
    const settings = directorySettings('downloadDirectory', options);
    checkPath('downloadDirectory: remote', remote);
    checkPath('downloadDirectory: local', local);
    const at = (path: string): string => posix.join(remote, path);
    return this.#holding(() =>
      transferDirectory(
        {
          entries: (path, signal) =>
            this.#onFiles('sftp list', { ...settings.retry, signal }, (files) => entriesAtServer(files, at(path))),
          // What the caller names may be a link; what is in it is named by the server.
          makeFolder: (path) => makeFolderHere(pathHere(local, path), path === '' ? stat : lstat),
          transfer: async (path, signal) => {
            const ofFile = settings.settingsFor(path, signal);
            const isSame = (files: RemoteFiles) => isSameHere(files, at(path), pathHere(local, path));
            if (settings.skipUnchanged && (await this.#onFiles('sftp stat', ofFile.retry, isSame))) return undefined;
            return this.#download(at(path), pathHere(local, path), ofFile);
          },
        },
        settings,
        settings.retry.signal,
      ),
    );
  }

  /**
   * Runs anything else that ssh2-sftp-client can do, in a session of ours: it waits for the network, and is repeated where the connection was lost under
   * it. Pass `idempotent: false` with what must not be done twice, such as `append`.
   *
   * @param work gets the connected client. Leave its `connect()` and `end()` alone.
   *
   * @example
   * ```
   * const files = await sftp.withSession((client) => client.list('/outgoing'));
   * ```
   */
  async withSession<Value>(
    work: (client: SftpClient, context: AttemptContext) => PromiseLike<Value> | Value,
    options: OperationOptions = {},
  ): Promise<Value> {
    const retry = operationOptions('withSession', options);
    if (typeof work !== 'function') throw new InvalidOptionError('withSession: work', work, 'a function');
    return this.#tracked(() =>
      this.#run('sftp', retry, ({ client }, context) =>
        // It may not heed the signal.
        orAborted(
          (async () => work(client, context))().catch((error: unknown) => {
            throw asClientFailure(error);
          }),
          context.signal,
        ),
      ),
    );
  }

  /** Ends all work with `SftpClosedError` and resolves when nothing of it is left. What is called afterwards is refused with the same. */
  async close(): Promise<void> {
    this.#closing.abort(new SftpClosedError());
    await Promise.allSettled([...this.#running]);
    await this.#sessions.close();
  }

  /** `close`, at the end of the block of an `await using`. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  async #reading<Value>(path: string, work: (source: LocalSource) => Promise<Value>): Promise<Value> {
    const source = await LocalSource.open(path);
    try {
      return await work(source);
    } finally {
      await source.close();
    }
  }

  #upload(source: LocalSource, remote: string, { transfer, retry }: FileSettings): Promise<TransferResult> {
    const upload = new Upload(source, remote, this.#once(this.#sweptAtServer, posix.dirname(remote), transfer));
    return this.#run('sftp upload', retry, async (session, context) => {
      const { signal } = context;
      try {
        return await upload.attempt(new RemoteFiles(session, signal), context);
      } catch (error) {
        const isReachable = session.lost === undefined && !isLoss(signal);
        if (becomesOf(transfer, error) === 'remove' && isReachable) {
          await upload.discard(new RemoteFiles(session, AbortSignal.timeout(TO_DISCARD))).catch(() => {});
        }
        throw signal.aborted ? error : asTransferFailure(error);
      }
    });
  }

  async #download(remote: string, local: string, { transfer, retry }: FileSettings): Promise<TransferResult> {
    const settings = this.#once(this.#sweptHere, dirname(local), transfer);
    const download = new Download({ server: this.#account, remote, local }, settings);
    try {
      const work = (files: RemoteFiles, context: AttemptContext) => download.attempt(files, context);
      const result = await this.#onFiles('sftp download', retry, work);
      await download.end('keep');
      return result;
    } catch (error) {
      await download.end(becomesOf(transfer, error));
      throw error;
    }
  }

  /** Stale files are looked for by one transfer of all that go to a folder. */
  #once(swept: SweptFolders, folder: string, settings: TransferSettings): TransferSettings {
    return swept.claim(folder) ? settings : { ...settings, staleAfter: Number.POSITIVE_INFINITY };
  }

  #onFiles<Value>(
    name: string,
    retry: OperationOptions,
    work: (files: RemoteFiles, context: AttemptContext) => Promise<Value>,
  ): Promise<Value> {
    return this.#run(name, retry, (session, context) =>
      work(new RemoteFiles(session, context.signal), context).catch((error: unknown) => {
        throw context.signal.aborted ? error : asTransferFailure(error);
      }),
    );
  }

  /**
   * Runs work until it succeeds. All that is started for it is gone when it settles.
   *
   * @param name without the path: metrics have a label for each name.
   */
  async #run<Value>(name: string, retry: OperationOptions, work: Work<Value>): Promise<Value> {
    const base = this.#settings.retry;
    const { signal, release } = linkSignals(this.#closing.signal, retry.signal, base.signal);
    try {
      return await this.retryer.run(
        (_attemptNumber, context) => this.#sessions.use(context.signal, (session) => work(session, context)),
        { ...retry, name: retry.name ?? base.name ?? name, network: this.#judge(retry), signal },
      );
    } finally {
      release();
    }
  }

  async #holding<Value>(work: () => Promise<Value>): Promise<Value> {
    return this.#tracked(async () => {
      const release = this.#sessions.hold();
      try {
        return await work();
      } finally {
        await release();
      }
    });
  }

  /** Has `close()` wait for an operation, what it puts in order at its end included. */
  async #tracked<Value>(work: () => Promise<Value>): Promise<Value> {
    const running = work();
    this.#running.add(running);
    try {
      return await running;
    } finally {
      this.#running.delete(running);
    }
  }

  /** Looked for when it is first needed: to ask for the shared monitor starts it. */
  #judge({ waitForNetwork = this.#settings.retry.waitForNetwork }: OperationOptions): NetworkSource | undefined {
    if (waitForNetwork === false) return undefined;
    const { network, via, connection } = this.#settings;
    this.#network ??= networkTo(this.#destination, network, {
      ...(via !== undefined && { via }),
      ...(connection.config.localAddress !== undefined && { source: connection.config.localAddress }),
    });
    return this.#network;
  }

  get #account(): string {
    return `${this.#settings.connection.config.username ?? ''}@${this.#destination}`;
  }

  get #destination(): string {
    return formatEndpoint(this.#settings.connection);
  }
}

/**
 * Makes an {@link Sftp}. Nothing is connected until it has something to do.
 *
 * @throws {InvalidOptionError} where an option has a wrong name, type or range, or nothing says how the server is to prove that it is the right one.
 *
 * @example
 * ```
 * const sftp = createSftp({
 *   connect: { host: 'sftp.example.com', username: 'backup', privateKey },
 *   knownHosts: '/home/backup/.ssh/known_hosts',
 * });
 * await sftp.uploadFile('/var/backups/monday.tar', 'monday.tar');
 * ```
 */
export function createSftp(options: SftpOptions): Sftp {
  return new Sftp(options);
}

/** With a source that was changed the unfinished file cannot be gone on with: another call would look for another. */
function becomesOf({ partial }: TransferSettings, error: unknown): 'keep' | 'remove' {
  return error instanceof SourceChangedError ? 'remove' : partial;
}

/** Milliseconds that the removal of an unfinished file may take at the end of an upload that was aborted or has failed. */
const TO_DISCARD = 1_000;
