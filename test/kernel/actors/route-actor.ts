import { type EventSocket, loadNative, openEventSocket, SystemCallError } from '../../../native/index.js';
import { decodeDatagram, openRtnetlink, type Rtnetlink } from '../../../src/netlink/index.js';
import { type Emit, serveActor } from '../../lab/index.js';

const RTNLGRP_LINK = 1;
const END = { code: 0x06, jt: 0, jf: 0 };
const PROGRAMS = {
  'drop everything': [{ ...END, k: 0 }],
  'keep everything': [{ ...END, k: 0xffff_ffff }],
  'no program': [{ code: 0xffff, jt: 0, jf: 0, k: 0 }],
} as const;

interface RouteActorEvents {
  /** A link was added or changed, as the table of rtnetlink or the bare socket hears it. */
  link: { readonly name: string; readonly mtu: number | undefined };
  error: string;
}

let rtnetlink: Rtnetlink | undefined;
let socket: EventSocket | undefined;
let routesTold = 0;

const actor = serveActor(methods);

function methods(emit: Emit<RouteActorEvents>) {
  const onError = (error: Error): void => emit('error', String(error.stack));
  return {
    async open(): Promise<void> {
      rtnetlink = openRtnetlink(await load(), {
        onChange: (changes) => {
          if (changes.length === 0) routesTold += 1;
          for (const change of changes) {
            if (change.kind === 'link') emit('link', { name: change.link.name, mtu: change.link.mtu });
          }
        },
        onError,
      });
    },
    close(): void {
      rtnetlink?.close();
    },
    watch: (destinations: readonly string[] | 'all'): void => rtnetlink?.watchDestinations(destinations),
    /** How often it was told that routes have changed: once for each datagram. */
    routesTold: (): number => routesTold,
    async openSocket(): Promise<void> {
      const onDatagram = (bytes: Uint8Array): void => {
        for (const message of decodeDatagram(bytes)) {
          if (message.kind === 'link') emit('link', { name: message.link.name, mtu: message.link.mtu });
        }
      };
      socket = openEventSocket(await load(), { groups: [RTNLGRP_LINK] }, { onDatagram, onOverrun: () => {}, onError });
    },
    closeSocket: (): void => socket?.close(),
    /** Attaches a program to the bare socket; resolves with the code of the error where the kernel refuses. */
    attach(program: keyof typeof PROGRAMS): string {
      try {
        socket?.attachFilter(PROGRAMS[program]);
        return 'attached';
      } catch (error) {
        if (error instanceof SystemCallError) return `${error.syscall} ${error.code}`;
        throw error;
      }
    },
    detach: (): void => socket?.detachFilter(),
  };
}

export type RouteActor = typeof actor;

async function load() {
  const native = await loadNative();
  if (!native.supported) throw new Error(native.reason);
  return native.libc;
}
