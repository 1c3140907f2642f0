import { createHash } from 'node:crypto';
import { createReadStream, existsSync } from 'node:fs';
import { mkdir, readdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { setTimeout as pass } from 'node:timers/promises';
import type { Actor } from '../../lab/index.js';
import type { ClientProgram, Direction, Mode, ServerProgram, TransferEnd } from './contract.js';
import type { Fault, Observation } from './judge.js';
import type { PlannedFault } from './plan.js';
import { SERVER_NAME, SERVER_PORT, Stage } from './stage.js';

/** What is transferred, by what, and what happens to it on the way. */
export interface TransferPlan {
  readonly adapter: string;
  readonly direction: Direction;
  readonly mode: Mode;
  readonly content: Content;
  readonly faults: readonly PlannedFault[];
  /** Milliseconds. */
  readonly bound: number;
}

/** A file with the content, and what is known of it. */
export interface Content {
  readonly file: string;
  readonly bytes: number;
  readonly sha256: string;
}

/** Plays one transfer on a stage of its own. */
export async function playTransfer(plan: TransferPlan): Promise<Observation> {
  await using stage = await Stage.open();
  const server = await stage.spawnServer(plan.adapter);
  const folders = await makeFolders(stage.folder);
  const startServer = (): Promise<void> =>
    server.call('start', {
      port: SERVER_PORT,
      folder: folders.server,
      content: { file: plan.content.file, name: CONTENT_NAME },
    });
  await startServer();
  const client = await stage.spawnClient(plan.adapter);
  const { direction, mode, content, bound } = plan;
  const file = direction === 'upload' ? content.file : join(folders.target, CONTENT_NAME);
  const begun = performance.now();
  await client.call('begin', {
    mode,
    host: SERVER_NAME,
    port: SERVER_PORT,
    name: CONTENT_NAME,
    file,
    bytes: content.bytes,
    stateDir: folders.state,
    checkHosts: stage.checkHosts,
    checkPort: stage.checkPort,
    bound,
  });
  let duration = 0;
  const ended = endOf(client, bound).finally(() => {
    duration = performance.now() - begun;
  });
  const faults = await playFaults({ stage, server, client, ended, startServer }, plan);
  const end = await ended;
  const received = await stage.bytesReceived(direction === 'upload' ? 'server' : 'client');
  const holding = await server.call('holding', CONTENT_NAME);
  const arrived = direction === 'upload' ? holding.sha256 : await sha256Of(file);
  return {
    faults,
    planned: plan.faults.length,
    moved: client.events('moved').map(({ at, detail }) => ({ at, ...detail })),
    failed: client.events('failed').map(({ at, detail }) => ({ at, ...detail })),
    end,
    received,
    duration,
    sha256Equal: arrived === content.sha256,
    leftovers: [
      ...(await client.call('leftovers').catch((error: Error) => [firstLine(error)])),
      ...holding.unfinished.map((each) => `at the server: ${each}`),
      ...(await filesIn(folders.state)),
      ...(await filesIn(folders.target)).filter((each) => each !== CONTENT_NAME),
      ...(await filesIn(dirname(content.file))).filter((each) => join(dirname(content.file), each) !== content.file),
    ],
  };
}

const CONTENT_NAME = 'content.bin';

interface Scene {
  readonly stage: Stage;
  readonly server: Actor<ServerProgram>;
  readonly client: Actor<ClientProgram>;
  readonly ended: Promise<TransferEnd>;
  readonly startServer: () => Promise<void>;
}

/** Every fault at its moment, as long as the transfer goes on. Resolves with those that there were when all is mended. */
async function playFaults(scene: Scene, { faults, content, bound }: TransferPlan): Promise<readonly Fault[]> {
  const played: Promise<Fault>[] = [];
  for (const fault of faults) {
    if (!(await isBefore(scene.ended, stored(scene.client, fault.after * content.bytes, 2 * bound)))) break;
    if (!(await isBefore(scene.ended, pass(fault.delay)))) break;
    const over = playFault(scene, fault);
    played.push(over);
    // A dead resolver is no obstacle for what is connected already: it may stay dead under the next fault.
    if (fault.kind !== 'resolver') await over;
  }
  return Promise.all(played);
}

async function playFault({ stage, server, startServer }: Scene, { kind, duration }: PlannedFault): Promise<Fault> {
  const from = process.hrtime.bigint();
  const mend = await stage.break(kind, server, startServer);
  await pass(duration);
  await mend();
  return { kind, from, to: process.hrtime.bigint() };
}

/** Resolves when so many bytes are safe, be it since long: progress comes in leaps, and one may reach the moments of several faults. */
async function stored(client: Actor<ClientProgram>, least: number, timeout: number): Promise<void> {
  const told = client.events('stored').at(-1)?.detail.bytes ?? 0;
  if (told < least) await client.event('stored', ({ bytes }) => bytes >= least, { timeout });
}

/** Whether something comes while the transfer goes on. */
function isBefore(ended: Promise<unknown>, something: Promise<unknown>): Promise<boolean> {
  return Promise.race([
    something.then(
      () => true,
      () => false,
    ),
    ended.then(() => false),
  ]);
}

/** A client that dies has failed; why, its standard error says. */
async function endOf(client: Actor<ClientProgram>, bound: number): Promise<TransferEnd> {
  try {
    return (await client.event('ended', () => true, { timeout: 2 * bound })).detail;
  } catch (error) {
    return { ok: false, error: [firstLine(error), client.stderr.trim()].join('\n') };
  }
}

function firstLine(error: unknown): string {
  return String(error).split('\n', 1).join();
}

async function makeFolders(parent: string) {
  const folders = { server: join(parent, 'server'), state: join(parent, 'state'), target: join(parent, 'target') };
  await Promise.all(Object.values(folders).map((folder) => mkdir(folder)));
  return folders;
}

async function filesIn(folder: string): Promise<readonly string[]> {
  return readdir(folder, { recursive: true });
}

/** In hex; undefined where there is no such file. */
export async function sha256Of(file: string): Promise<string | undefined> {
  if (!existsSync(file)) return undefined;
  const hash = createHash('sha256');
  await pipeline(createReadStream(file), hash);
  return hash.digest('hex');
}
