export type {
  CgroupLimits,
  CpuUsage,
  DiskUsage,
  HostFacts,
  HostPhase,
  HostResult,
  InterfaceTraffic,
  LoadAverages,
  MemoryUsage,
} from './host-facts.js';
export { checkHostOptions, type HostProbeOptions } from './host-options.js';
export { probeHost } from './probe-host.js';
