import { fork } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import { type EventSocket, type Libc, loadNative, openEventSocket, openRequestSocket } from '../../../native/index.js';
import { decodeDatagram, openRtnetlink, type Rtnetlink, type TableChange } from '../../../src/netlink/index.js';
import { type Emit, serveActor } from '../../lab/index.js';

const RTNLGRP_LINK = 1;
const program = fileURLToPath(new URL('./one-event.ts', import.meta.url));

interface NativeActorEvents {
  message: { readonly kind: string; readonly name?: string };
  overrun: object;
  change: { readonly kind: string; readonly change: string; readonly name: string };
  error: string;
}

let socket: EventSocket | undefined;
let rtnetlink: Rtnetlink | undefined;

const actor = serveActor(methods);

function methods(emit: Emit<NativeActorEvents>) {
  return {
    /** Opens and closes both kinds of socket over and over. */
    async cycle(times: number): Promise<{ before: number; after: number }> {
      const libc = await load();
      await openAndClose(libc, 10);
      const before = openDescriptors();
      await openAndClose(libc, times);
      return { before, after: openDescriptors() };
    },
    async subscribe(receiveBuffer: number): Promise<number> {
      socket = openEventSocket(
        await load(),
        { groups: [RTNLGRP_LINK], receiveBuffer },
        {
          onDatagram: (bytes) => {
            for (const message of decodeDatagram(bytes)) {
              emit('message', { kind: message.kind, ...(message.kind === 'link' && { name: message.link.name }) });
            }
          },
          onOverrun: () => emit('overrun', {}),
          onError: (error) => emit('error', String(error.stack)),
        },
      );
      return socket.receiveBuffer;
    },
    unsubscribe(): void {
      socket?.close();
    },
    /** Keeps the event loop from reading until something has happened outside. */
    async block(milliseconds: number): Promise<void> {
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, milliseconds);
    },
    /** Waits for one link event in a worker thread; resolves once it listens. */
    async inWorker(): Promise<void> {
      const worker = new Worker(
        `import('tsx/esm/api').then(({ register }) => { register(); return import(${JSON.stringify(program)}); });`,
        {
          eval: true,
        },
      );
      await listening(worker, (name) => emit('message', { kind: 'worker', name }));
    },
    /** The same in a forked child. */
    async inChild(): Promise<void> {
      await listening(fork(program, { execArgv: ['--import', 'tsx'] }), (name) =>
        emit('message', { kind: 'child', name }),
      );
    },
    async openTable(receiveBuffer?: number): Promise<readonly string[]> {
      rtnetlink = openRtnetlink(
        await load(),
        {
          onChange: (changes) => {
            for (const change of changes) emit('change', describe(change));
          },
          onError: (error) => emit('error', String(error.stack)),
        },
        receiveBuffer === undefined ? {} : { receiveBuffer },
      );
      return linkNames(rtnetlink);
    },
    links: (): readonly string[] => (rtnetlink === undefined ? [] : linkNames(rtnetlink)),
    addresses: (): readonly string[] => [...(rtnetlink?.table.addresses() ?? [])].map(({ address }) => address).sort(),
    link: (name: string) => rtnetlink?.requests.link({ name }),
    routes: () => rtnetlink?.requests.dumpRoutes({ table: 254 }).entries,
    route(destination: string): string {
      const answer = rtnetlink?.route({ destination });
      if (answer?.kind === 'route')
        return `${answer.route.type} ${answer.route.gateway} ${answer.route.preferredSource}`;
      return `refused ${answer?.error.code}`;
    },
    closeTable(): void {
      rtnetlink?.close();
    },
  };
}

export type NativeActor = typeof actor;

async function load(): Promise<Libc> {
  const native = await loadNative();
  if (!native.supported) throw new Error(native.reason);
  return native.libc;
}

async function openAndClose(libc: Libc, times: number): Promise<void> {
  const handlers = { onDatagram: () => {}, onOverrun: () => {}, onError: () => {} };
  for (let count = 0; count < times; count += 1) {
    const events = openEventSocket(libc, { groups: [RTNLGRP_LINK] }, handlers);
    const requests = openRequestSocket(libc);
    // In the same tick for some, after a turn of the loop for others: libuv closes differently.
    if (count % 2 === 0) await new Promise((resolve) => setImmediate(resolve));
    events.close();
    requests.close();
  }
  for (let turn = 0; turn < 3; turn += 1) await new Promise((resolve) => setImmediate(resolve));
}

function openDescriptors(): number {
  return readdirSync('/proc/self/fd').length;
}

async function listening(
  program: { on(event: 'message', listener: (message: unknown) => void): unknown } & NodeJS.EventEmitter,
  heard: (name: string) => void,
): Promise<void> {
  const [first] = await once(program, 'message');
  if (first !== 'listening') throw new Error(`expected listening, got ${String(first)}`);
  program.on('message', (message) => heard(String(message)));
}

function linkNames({ table }: Rtnetlink): readonly string[] {
  return [...table.links.values()].map(({ name }) => name).sort();
}

function describe(change: TableChange): { kind: string; change: string; name: string } {
  const name = change.kind === 'link' ? change.link.name : change.address.address;
  return { kind: change.kind, change: change.change, name };
}
