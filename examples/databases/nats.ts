import { connect, type NatsConnection } from 'nats';
import { createRetryer, NetworkMonitor } from '../../src/index.js';
import { type ClientStage, play } from '../stage/index.js';

/**
 * Messages into a stream of NATS JetStream, while the cable is pulled:
 *
 *     npx tsx examples/databases/nats.ts
 */
await play(import.meta.url, {
  port: 4222,
  server: { command: (folder) => ['nats-server', '--jetstream', '--store_dir', folder, '--port', '4222'] },
  client: work,
});

async function work({ host, port, say, loseNetwork }: ClientStage): Promise<void> {
  await using monitor = new NetworkMonitor({ checkHosts: [host], checkPorts: [port] });
  await monitor.start();
  const nats = new Connector(`${host}:${port}`);

  const retryer = createRetryer({
    network: monitor.target(`${host}:${port}`),
    retries: 3,
    minTimeout: 100,
    // What is published over a dead link is not acknowledged. It is given up half a second after the link was lost, and as much later.
    interruptAfter: 500,
    abandon: 500,
    onPause: ({ reason }) => {
      say(`waits for the network (${reason})`);
      // It would hang on for minutes after the link is back.
      nats.drop();
    },
    onResume: () => say('goes on'),
  });
  retryer.on('failure', ({ spent }) => spent && say('an attempt was spent'));

  // By its msgID the server knows a message that it has already, for two minutes by default: harmless to repeat. Without one, say
  // `idempotent: false`, and the same for a request whose answer does something.
  const publish = retryer.wrap(async (msgID: string, text: string) => {
    const connection = await nats.connection();
    return connection.jetstream().publish('orders', text, { msgID });
  });

  const manager = await (await nats.connection()).jetstreamManager();
  await manager.streams.add({ name: 'orders', subjects: ['orders'] });
  for (let number = 1; number <= 10; number += 1) {
    if (number === 6) await loseNetwork();
    const { duplicate, seq } = await publish(`order-${number}`, `item ${number}`);
    say(`order ${number} is message ${seq}${duplicate ? ', and had arrived already' : ''}`);
  }
  nats.drop();
}

/** One connection, made when it is needed and there is none. That a lost one is made anew is for netpause to see to. */
class Connector {
  readonly #server: string;
  #connecting: Promise<NatsConnection> | undefined;

  constructor(server: string) {
    this.#server = server;
  }

  connection(): Promise<NatsConnection> {
    if (this.#connecting === undefined) {
      const connecting = connect({ servers: this.#server, reconnect: false, timeout: 1_000 });
      this.#connecting = connecting;
      const forget = (): void => {
        if (this.#connecting === connecting) this.#connecting = undefined;
      };
      connecting.then((connection) => connection.closed()).then(forget, forget);
    }
    return this.#connecting;
  }

  drop(): void {
    this.#connecting?.then(
      (connection) => connection.close(),
      () => {},
    );
    this.#connecting = undefined;
  }
}
