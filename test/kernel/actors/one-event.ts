import { parentPort } from 'node:worker_threads';
import { loadNative, openEventSocket } from '../../../native/index.js';
import { decodeDatagram } from '../../../src/netlink/index.js';

/** Says that it listens, then the name of the first link that changes, then ends by itself because it has closed its socket. */
const say = (message: string): void => {
  if (parentPort !== null) parentPort.postMessage(message);
  else process.send?.(message);
};

const native = await loadNative();
if (!native.supported) throw new Error(native.reason);
const socket = openEventSocket(
  native.libc,
  { groups: [1], keepAlive: true },
  {
    onDatagram: (bytes) => {
      for (const message of decodeDatagram(bytes)) {
        if (message.kind !== 'link') continue;
        say(message.link.name);
        socket.close();
        return;
      }
    },
    onOverrun: () => {},
    onError: (error) => say(String(error)),
  },
);
say('listening');
