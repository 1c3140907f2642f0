export {
  Actor,
  type ActorContract,
  type ActorEvent,
  type ActorMethods,
  type Emit,
  serveActor,
  type WaitOptions,
} from './actor/index.js';
export type { ConnectOutcome, Tcp } from './actors/tcp.js';
export type { Cable, CableKind, Port } from './cable.js';
export { type Argv, CommandError, type CommandOptions, type CommandOutput } from './command.js';
export type { Host, IpRecord, SpawnOptions } from './host.js';
export type { Family } from './interface-config.js';
export { createLab, type Lab } from './lab.js';
export type { Addresses, FamilyChoice, InterfaceChoice, LabOptions, LinkOptions } from './lab-options.js';
export { type Feature, type LabSupport, labSupport, type Privilege } from './lab-support.js';
export { LabUnavailableError } from './lab-unavailable-error.js';
export { type ClientRouterServer, clientRouterServer, type HostAddresses } from './topology.js';

/** The module of the {@link Tcp} actor, for `host.spawn`. */
export const TCP_ACTOR = new URL('./actors/tcp.ts', import.meta.url);
