export type {
  CgroupLimits,
  CpuUsage,
  DiskUsage,
  HostFacts,
  HostPhase,
  HostResult,
  InterfaceCounters,
  InterfaceTraffic,
  LoadAverages,
  MemoryUsage,
} from './host-facts.js';
export { checkHostOptions, type HostProbeOptions } from './host-options.js';
export { probeHost } from './probe-host.js';
