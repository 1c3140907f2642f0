import { type Actor, clientRouterServer, createLab, labSupport } from '../../test/lab/index.js';
import type { Cleanup } from './cleanup.js';
import { monotonicMs } from './clock.js';
import type { S3Actor } from './s3-actor.js';
import { DEADLINE, LINK_RATE } from './settings.js';
import type { Contender, Stage } from './stage.js';
import type { UploadActor } from './upload-actor.js';
import type { OnUploadEvent, UploadResult, UploadTarget } from './upload-event.js';

/** Why network namespaces cannot be had here; undefined where they can. */
export async function whyNoLab(): Promise<string | undefined> {
  const support = await labSupport();
  if (!support.available) {
    return support.reason;
  }
  return support.tc.available ? undefined : support.tc.reason;
}

/** The story on the real kernel: client, router and server are network namespaces, and every part of it runs in a process of its own. */
export async function buildLabStage(cleanup: Cleanup): Promise<Stage> {
  const lab = cleanup.use(await createLab());
  const { client, server, addresses } = await clientRouterServer(lab, { rate: LINK_RATE });
  const s3 = await server.spawn<S3Actor>(S3_ACTOR);
  const port = await s3.call('start', addresses.server.ipv4);
  const endpoint = `http://${addresses.server.ipv4}:${port}`;

  const uploaders = {
    netpause: await client.spawn<UploadActor>(UPLOAD_ACTOR),
    'p-retry': await client.spawn<UploadActor>(UPLOAD_ACTOR),
  };

  return {
    simulated: false,
    description: ['client ── router ── S3 server, each a network namespace of its own'],
    outages: [
      {
        kind: 'carrier-lost',
        beginning: 'the cable is pulled at the client',
        ending: 'the cable is plugged in again',
        begin: async () => monotonicMs(await lab.pullCable('client')),
        end: async () => monotonicMs(await lab.plugIn('client')),
      },
      {
        kind: 'path-lost',
        beginning: 'the router stops forwarding; every link stays up',
        ending: 'the router forwards again',
        begin: async () => monotonicMs(await lab.stopForwarding('router')),
        end: async () => monotonicMs(await lab.startForwarding('router')),
      },
    ],
    upload: (contender, onEvent) => runUpload(uploaders[contender], contender, { endpoint, key: contender }, onEvent),
    received: async (contender) => (await s3.call('received', contender)) ?? { sha256: undefined, sentAgain: 0 },
  };
}

const S3_ACTOR = new URL('./s3-actor.ts', import.meta.url);
const UPLOAD_ACTOR = new URL('./upload-actor.ts', import.meta.url);
/** An upload ends by its own deadline; the rest is patience with a busy machine. Milliseconds. */
const PATIENCE = DEADLINE + 30_000;

async function runUpload(
  uploader: Actor<UploadActor>,
  contender: Contender,
  target: UploadTarget,
  onEvent: OnUploadEvent,
): Promise<UploadResult> {
  await uploader.call('start', contender, target);
  let heard = 0;
  for (;;) {
    await uploader.event('told', () => true, { timeout: PATIENCE });
    // Several may have come at once.
    for (const { detail } of uploader.events('told').slice(heard)) {
      heard += 1;
      if (detail.type === 'ended') {
        return detail.result;
      }
      onEvent(detail);
    }
  }
}
