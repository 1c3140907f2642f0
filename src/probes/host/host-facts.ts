import type { InterfaceStatistics } from '../../monitor/index.js';
import type { ProbeResult } from '../result.js';

/** What a host says of itself. What it does not say is absent. */
export interface HostFacts {
  /** By uname(2). */
  readonly hostname: string;
  /** Since the kernel started, in milliseconds. */
  readonly uptime?: number;
  /** Absent where the system has no such thing. */
  readonly load?: LoadAverages;
  /** Of all processors together, over the interval. Absent where nothing was counted in it. */
  readonly cpu?: CpuUsage;
  /** Main memory and swap. */
  readonly memory: MemoryUsage;
  /** File systems. */
  readonly disks: readonly DiskUsage[];
  /** Network interfaces. */
  readonly interfaces: readonly InterfaceTraffic[];
  /** The limits of the control group that this process is in; absent where there is no cgroup v2. */
  readonly cgroup?: CgroupLimits;
}

/** How many processes ran, wanted to run or waited for a disk, in the exponential mean of the last minutes (proc(5), loadavg). */
export interface LoadAverages {
  /** Of one minute. */
  readonly one: number;
  /** Of five minutes. */
  readonly five: number;
  /** Of fifteen minutes. */
  readonly fifteen: number;
}

/** What the processors did: fractions of their time, 0 to 1, that come to 1 in sum with `idle`. */
export interface CpuUsage {
  /** How many processors are there. */
  readonly count: number;
  /** Everything but `idle` and `iowait`. */
  readonly utilisation: number;
  /** Programs, also those with a low priority, and virtual machines that run here. */
  readonly user: number;
  /** The kernel. */
  readonly system: number;
  /** Interrupts, soft ones too. */
  readonly interrupts: number;
  /** Nothing, while a disk was waited for. */
  readonly iowait: number;
  /** What the hypervisor gave to other machines instead. */
  readonly steal: number;
  /** Nothing. */
  readonly idle: number;
}

/** In bytes. Fields of /proc/meminfo; elsewhere only what Node.js knows. */
export interface MemoryUsage {
  /** What there is. */
  readonly total: number;
  /** What nobody uses. */
  readonly free: number;
  /** What programs could still get without swapping: the kernel's own estimate (MemAvailable, Linux 3.14). */
  readonly available?: number;
  /** total − available, by total: 0 to 1. */
  readonly utilisation?: number;
  /** Blocks of devices that the kernel keeps (Buffers). */
  readonly buffers?: number;
  /** Contents of files that the kernel keeps (Cached). */
  readonly cached?: number;
  /** Room for what is swapped out. */
  readonly swapTotal?: number;
  /** What of that nobody uses. */
  readonly swapFree?: number;
}

/** A file system, in bytes. Only the path is there, and why, where it could not be measured. */
export interface DiskUsage {
  /** Where it is mounted, or the path that was asked for. */
  readonly path: string;
  /** The device, such as `/dev/sda1`; absent for a path that was asked for. */
  readonly device?: string;
  /** Such as `ext4`; absent for a path that was asked for. */
  readonly type?: string;
  /** How large it is. */
  readonly total?: number;
  /** What nobody uses, blocks that only root may use included. */
  readonly free?: number;
  /** What programs without privileges may use. */
  readonly available?: number;
  /** As `df` prints it: used by used + available, 0 to 1. */
  readonly utilisation?: number;
  /** Files that there can be; absent where the file system has no such limit. */
  readonly files?: number;
  /** Files that there can be more. */
  readonly filesFree?: number;
  /** Why it could not be measured: the system's error code, or `'timeout'`. */
  readonly error?: string;
}

/** Traffic of one interface. */
export interface InterfaceTraffic {
  /** Such as `'eth0'`. */
  readonly name: string;
  /** The kernel's number for it; absent where netlink is not to be had. */
  readonly index?: number;
  /** The counters of the second reading. */
  readonly counters: InterfaceStatistics;
  /** What the counters grew by, per second; absent where the interface is new, or a counter went back: it was reset, or has run over. */
  readonly rates?: InterfaceStatistics;
  /** Bits per second that the link can carry, by its driver; absent where that does not know, and for links that are made of software only. */
  readonly speed?: number;
  /** Bits that came in by bits that could have, 0 to 1; absent without speed or rates. */
  readonly rxUtilisation?: number;
  /** Bits that went out by bits that could have. */
  readonly txUtilisation?: number;
}

/** What a container may use (cgroup v2). The tightest limit counts, of the group and of all that it is in, as far as they can be seen. */
export interface CgroupLimits {
  /** The group's path, as /proc/self/cgroup has it. */
  readonly path: string;
  /** memory.max, in bytes; absent where there is no limit, or nobody tells. */
  readonly memoryLimit?: number;
  /** memory.current of this group, in bytes. */
  readonly memoryUsed?: number;
  /** cpu.max: how many processors' time it may take. May be a fraction. */
  readonly cpuLimit?: number;
}

/** How long the parts took. */
export type HostPhase = 'interval';

/** What `probeHost` resolves to. */
export type HostResult = ProbeResult<HostFacts, HostPhase>;
