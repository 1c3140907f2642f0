export { Actor, type WaitOptions } from './actor.js';
export type { ActorContract, ActorEvent, ActorMethods, Emit } from './contract.js';
export { serveActor } from './serve.js';
