import type { NetworkMonitor } from '../../../src/monitor/index.js';
import type { ActorContract } from '../../lab/index.js';

/**
 * What the runner and an adapter's two programs say to each other. An adapter brings `<name>/client.ts` and `<name>/server.ts`, each a module
 * that ends in one call:
 *
 * ```ts
 * // client.ts, run in a process of its own in the client's namespace, one process a transfer
 * serveClient({ netpause: uploadWithNetpause, bare: uploadBare });
 *
 * // server.ts, run in a process of its own in the server's namespace, the same process through a restart
 * serveServer(new SomeServer());
 * ```
 *
 * `serveClient` stands in `client-program.ts`, `serveServer` in `server-program.ts`. `plain/` is the smallest such adapter.
 */

/** Through the adapter, or through the client library alone with the settings that its own documentation recommends. */
export type Mode = 'netpause' | 'bare';

/** Which way the content goes, as the client sees it. */
export type Direction = 'upload' | 'download';

/** One transfer, as the runner orders it. */
export interface TransferOrder {
  readonly mode: Mode;
  /** The server's name, which the lab's resolver knows, as long as that is alive. Never an address. */
  readonly host: string;
  readonly port: number;
  /** The name of the content at the server: a key, a file name or the last part of a path. */
  readonly name: string;
  /** Upload: the file that holds the content. Download: the file that shall hold it in the end; nothing is there at the beginning. */
  readonly file: string;
  /** The size of the content in bytes. */
  readonly bytes: number;
  /** An empty folder for whatever the adapter keeps for the time being. It must be empty again in the end. */
  readonly stateDir: string;
  /** Addresses, and the port of each, that answer as long as there is a way to the server: for the monitor, which `serveClient` makes. */
  readonly checkHosts: readonly string[];
  readonly checkPort: number;
  /** Milliseconds after which the transfer is aborted and has failed. */
  readonly bound: number;
}

/** One transfer from beginning to end. It resolves when the content is there, and cleans up behind itself in any case: clients are closed. */
export type Transfer = (order: TransferOrder, context: TransferContext) => Promise<void>;

export interface TransferContext {
  /** Started, and stopped by `serveClient` afterwards. Only for `mode: 'netpause'`; in bare mode there is none. */
  readonly network: NetworkMonitor;
  /** Aborts when the bound is over. */
  readonly signal: AbortSignal;
  readonly tell: Tell;
}

/** Bare transfers know of no network. */
export type BareTransfer = (order: TransferOrder, context: Omit<TransferContext, 'network'>) => Promise<void>;

/** What a transfer has to tell while it runs. Cheap: what comes in quick succession is put together. */
export interface Tell {
  /**
   * So many bytes of the content from this offset on were put on the wire (upload: at the latest when they were handed to the client library's
   * socket; download: when they came out of it), each time that they are. A part that is sent again is told again.
   */
  readonly moved: (offset: number, bytes: number) => void;
  /** So many bytes of the content are safe by now, in all: acknowledged by the server, or written to the file. It never falls. */
  readonly stored: (bytes: number) => void;
  /** An attempt failed. `spent`: it counted against the retries; `false` where an outage was to blame. */
  readonly failed: (attempt: FailedAttempt) => void;
}

export interface FailedAttempt {
  readonly spent: boolean;
  /** In a few words, such as the error's code. */
  readonly error: string;
}

/** What a client tells the runner. */
export type ClientEvents = {
  readonly moved: { readonly offset: number; readonly bytes: number };
  readonly stored: { readonly bytes: number };
  readonly failed: FailedAttempt;
  readonly ended: TransferEnd;
};

/** How a transfer ended. A failure is a result. */
export type TransferEnd = { readonly ok: true } | { readonly ok: false; readonly error: string };

/** What the runner may ask a client. */
export type ClientMethods = {
  /** Begins; everything else is told as it happens, and `ended` comes last. */
  readonly begin: (order: TransferOrder) => void;
  /** To be asked after `ended`: what keeps the process alive, or is open, beyond what was before `begin`. Empty where nothing does. */
  readonly leftovers: () => Promise<readonly string[]>;
};

export type ClientProgram = ActorContract<ClientMethods, ClientEvents>;

/** The server's side of an adapter. It keeps what it was given when it is stopped, as a daemon does that is restarted. */
export interface TransferServer {
  /** Listens on this port of all addresses, for the first time or again; resolves when it takes connections. */
  start(options: ServerOptions): Promise<void>;
  /** Stops as a daemon that is restarted: it closes its port and cuts every connection. Resolves when it has. */
  stop(): Promise<void>;
  /** What it holds under this name. */
  holding(name: string): Promise<Holding>;
}

export interface ServerOptions {
  readonly port: number;
  /** A folder for whatever the server keeps; empty at the first start. */
  readonly folder: string;
  /** For downloads: the file with the content, and the name that it is asked for by. */
  readonly content: { readonly file: string; readonly name: string };
}

export interface Holding {
  /** Of the content, in hex; undefined where there is none, or it is not whole. */
  readonly sha256: string | undefined;
  /** What a transfer has left behind at the server beside the content: temporary files, unfinished uploads. A line each. */
  readonly unfinished: readonly string[];
}

/** What the runner may ask a server. */
export type ServerMethods = {
  readonly start: (options: ServerOptions) => Promise<void>;
  readonly stop: () => Promise<void>;
  readonly holding: (name: string) => Promise<Holding>;
};

export type ServerProgram = ActorContract<ServerMethods, Record<never, never>>;
