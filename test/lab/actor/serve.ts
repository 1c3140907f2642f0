import type { ActorContract, ActorMethods, Emit } from './contract.js';
import { type FromActor, isToActor, type ToActor, toErrorRecord } from './protocol.js';

/**
 * Makes the module that calls it an actor: its methods are called by the test, its events are heard by the test. See `Host.spawn`.
 *
 * ```ts
 * const watcher = serveActor((emit: Emit<{ state: NetworkChange }>) => ({
 *   async watch(options: NetworkMonitorOptions) { … emit('state', change); … },
 * }));
 * export type Watcher = typeof watcher;
 * ```
 */
export function serveActor<Methods extends ActorMethods, Events>(
  create: (emit: Emit<Events>) => Methods,
): ActorContract<Methods, Events> {
  const emit: Emit<Events> = (name, detail) => send({ type: 'event', name, at: process.hrtime.bigint(), detail });
  const methods = create(emit);
  process.on('message', (message: unknown) => {
    if (!isToActor(message)) return;
    if (message.type === 'stop') process.exit(0);
    else void answer(methods, message);
  });
  // The test process is gone.
  process.on('disconnect', () => process.exit(0));
  send({ type: 'ready' });
  return { methods, emit };
}

async function answer(methods: ActorMethods, call: ToActor & { type: 'call' }): Promise<void> {
  const { id, method, args } = call;
  try {
    const implementation = Object.hasOwn(methods, method) ? methods[method] : undefined;
    if (implementation === undefined) throw new TypeError(`this actor has no method ${method}`);
    send({ type: 'result', id, value: await Reflect.apply(implementation, methods, args) });
  } catch (error) {
    // Also where the result cannot be cloned.
    send({ type: 'failure', id, error: toErrorRecord(error) });
  }
}

function send(message: FromActor): void {
  if (process.send === undefined) throw new Error('this module is an actor: start it by host.spawn() of the lab');
  process.send(message);
}
