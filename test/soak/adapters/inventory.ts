import { readdirSync, readFileSync, readlinkSync } from 'node:fs';

/** What there is of each kind. */
export type Inventory = ReadonlyMap<string, number>;

/**
 * What keeps this process alive, and every file and socket that it has open: a socket that is unreferenced keeps nothing alive and is open all
 * the same.
 */
export function inventory(): Inventory {
  const found = new Map<string, number>();
  for (const kind of [...process.getActiveResourcesInfo().filter(isNoted), ...descriptors()]) {
    found.set(kind, (found.get(kind) ?? 0) + 1);
  }
  return found;
}

/** What is there now and was not before, a line for each kind. */
export function surplus(now: Inventory, before: Inventory): readonly string[] {
  return [...now].flatMap(([kind, count]) => {
    const more = count - (before.get(kind) ?? 0);
    return more > 0 ? [`${more} × ${kind}`] : [];
  });
}

/** The channel to the runner is busy at times. */
function isNoted(resource: string): boolean {
  return !['PipeWrap', 'Immediate', 'CloseReq', 'WriteWrap', 'PipeWriteWrap'].includes(resource);
}

function descriptors(): readonly string[] {
  const sockets = socketsByInode();
  return readdirSync('/proc/self/fd').flatMap((fd) => {
    try {
      const target = readlinkSync(`/proc/self/fd/${fd}`);
      const [, inode] = /^socket:\[(\d+)\]$/.exec(target) ?? [];
      if (inode !== undefined) return [`open ${sockets.get(inode) ?? 'socket'}`];
      return target.startsWith('/') ? [`open ${target}`] : [];
    } catch {
      // The folder itself, which is closed again by now.
      return [];
    }
  });
}

/** Where the inode stands in the lines of each protocol (proc_net(5)), and the remote address, if it has one. */
const PROTOCOLS = [
  ['tcp', 9],
  ['tcp6', 9],
  ['udp', 9],
  ['udp6', 9],
  ['icmp', 9],
  ['netlink', 9],
  ['unix', 6],
] as const;

function socketsByInode(): ReadonlyMap<string, string> {
  return new Map(
    PROTOCOLS.flatMap(([protocol, column]) =>
      linesOf(`/proc/self/net/${protocol}`).map((line) => {
        const fields = line.trim().split(/\s+/);
        const remote = /^(tcp|udp)/.test(protocol) ? ` to ${address(fields[2])}` : '';
        return [fields[column] ?? '', `${protocol} socket${remote}`] as const;
      }),
    ),
  );
}

function linesOf(path: string): readonly string[] {
  try {
    return readFileSync(path, 'utf8').split('\n').slice(1);
  } catch {
    // A kernel without that protocol.
    return [];
  }
}

/** `0200A8C0:0035` as the kernel writes it: bytes of an IPv4 address in this machine's order. */
function address(field = ''): string {
  const [host = '', port = ''] = field.split(':');
  const octets = host.length === 8 ? Buffer.from(host, 'hex').reverse().join('.') : host;
  return `${octets}:${Number.parseInt(port, 16)}`;
}
