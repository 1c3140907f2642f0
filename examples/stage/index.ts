import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pass } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { inspect } from 'node:util';
import {
  type Actor,
  type ActorContract,
  type Argv,
  type ClientRouterServer,
  clientRouterServer,
  createLab,
  labSupport,
  serveActor,
  TCP_ACTOR,
  type Tcp,
} from '../../test/lab/index.js';

/** An example with a real server, and a client that loses its network in the middle. */
export interface Play {
  /** What the server listens on. */
  readonly port: number;
  /** Bits per second between client and server. @default unlimited */
  readonly rate?: number;
  /** A program, by its command, or a server in this very module. Its files belong into the folder, which is removed in the end. */
  readonly server: { readonly command: (folder: string) => Argv } | { readonly serve: (folder: string) => void };
  /** The client's work. The example ends when it does. */
  client(stage: ClientStage): Promise<void>;
}

/** What the client finds. */
export interface ClientStage {
  /** The server's address. */
  readonly host: string;
  readonly port: number;
  /** Prints a line. */
  say(line: string): void;
  /** Has the cable pulled, and plugged in again after some seconds. Resolves when it is out. */
  loseNetwork(): Promise<void>;
}

/**
 * Plays an example. In the process that was started by hand it builds a network of client, router and server, each a network namespace of this
 * machine, starts the server in one, and the same module again in another, where it is the client.
 *
 * @param module `import.meta.url` of the example.
 */
export async function play(module: string, example: Play): Promise<void> {
  const [, , role, folder = ''] = process.argv;
  if (process.send !== undefined) act(example);
  else if (role !== SERVER) await direct(module, example);
  else if ('serve' in example.server) example.server.serve(folder);
}

/** What a process finds in its arguments that is to be the server. */
const SERVER = 'server';

function act({ client, port }: Play): void {
  let onLost: () => void = () => {};
  serveActor<Methods, Events>((emit) => ({
    begin(host) {
      const stage: ClientStage = {
        host,
        port,
        say: (line) => emit('told', { type: 'said', line }),
        loseNetwork: () =>
          new Promise((resolve) => {
            onLost = resolve;
            emit('told', { type: 'lose' });
          }),
      };
      void client(stage).then(
        () => emit('told', { type: 'ended' }),
        (error: unknown) => emit('told', { type: 'failed', error: inspect(error) }),
      );
    },
    lost: () => onLost(),
  }));
}

type Methods = { readonly begin: (host: string) => void; readonly lost: () => void };
type Events = {
  readonly told:
    | { readonly type: 'said'; readonly line: string }
    | { readonly type: 'lose' }
    | { readonly type: 'ended' }
    | { readonly type: 'failed'; readonly error: string };
};
type Client = ActorContract<Methods, Events>;

/** Milliseconds that the cable is out. */
const OUTAGE = 3_000;
/** Milliseconds that an example may take: it is broken where it takes longer. */
const BOUND = 60_000;

async function direct(module: string, { server, port, rate }: Play): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'netpause-example-'));
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
  // The end of this process is the end of everything in the namespaces.
  process.once('SIGINT', () => process.exit(130));
  process.once('SIGTERM', () => process.exit(143));

  const support = await labSupport();
  if (!support.available) {
    console.error(`This example needs network namespaces: ${support.reason}.`);
    process.exitCode = 1;
    return;
  }
  await using lab = await createLab();
  const net = await clientRouterServer(lab, rate === undefined ? {} : { rate });
  const host = net.addresses.server.ipv4;
  await startServer(net, commandOf(module, server, folder), port);

  const client = await net.client.spawn<Client>(new URL(module));
  const say = sayWithTime();
  await client.call('begin', host);
  await follow(client, say, async () => {
    say('— the cable is pulled');
    await lab.pullCable('client');
    await client.call('lost');
    await pass(OUTAGE);
    say('— the cable is plugged in again');
    await lab.plugIn('client');
  });
}

function commandOf(module: string, server: Play['server'], folder: string): Argv {
  if ('command' in server) return server.command(folder);
  return [process.execPath, '--import', 'tsx', fileURLToPath(module), SERVER, folder];
}

/** Resolves when the client has come to its end. */
async function follow(client: Actor<Client>, say: (line: string) => void, outage: () => Promise<void>): Promise<void> {
  let mended = Promise.resolve();
  for (;;) {
    const { detail } = await client.event('told', () => true, { timeout: BOUND });
    switch (detail.type) {
      case 'said':
        say(detail.line);
        break;
      case 'lose':
        mended = outage();
        break;
      case 'ended':
        return mended;
      case 'failed':
        throw new Error(`the client failed: ${detail.error}`);
    }
  }
}

function sayWithTime(): (line: string) => void {
  const begun = performance.now();
  return (line) => console.log(`${((performance.now() - begun) / 1000).toFixed(1).padStart(5)} s  ${line}`);
}

/** Resolves when it takes connections. */
async function startServer({ client, server, addresses }: ClientRouterServer, argv: Argv, port: number): Promise<void> {
  const [program, ...args] = server.namespace.command(argv);
  const child = spawn(program, args, { stdio: ['ignore', 'ignore', 'pipe'] });
  let stderr = '';
  child.stderr.on('data', (chunk: Buffer) => {
    stderr = `${stderr}${chunk}`.slice(-2_000);
  });
  const tcp = await client.spawn<Tcp>(TCP_ACTOR);
  const deadline = performance.now() + BOUND;
  while ((await tcp.call('connect', addresses.server.ipv4, port)) !== 'connected') {
    if (child.exitCode !== null || performance.now() > deadline)
      throw new Error(`the server does not start: ${stderr}`);
    await pass(50);
  }
  await tcp.stop();
}
