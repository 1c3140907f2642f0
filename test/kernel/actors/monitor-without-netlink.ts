import { forbidNetlinkSockets } from '../../matrix/actors/seccomp.js';

// Before anything else is loaded, as a sandbox does it.
forbidNetlinkSockets();
await import('./monitor-actor.js');
