/** A mounted file system. */
export interface Mount {
  /** Where, seen from the root of this process. */
  readonly path: string;
  /** Which part of the file system is seen there: `/` for all of it. */
  readonly root: string;
  /** Such as `ext4`. */
  readonly type: string;
  /** Such as `/dev/sda1`. */
  readonly device: string;
  /** Major and minor number: equal for all mounts of one file system. */
  readonly number: string;
}

/**
 * Reads /proc/self/mountinfo (proc(5)): "36 35 98:0 /root /mount/point options optional:1 … - type source options", with space, tab, line feed and
 * backslash as octal escapes.
 */
export function parseMounts(mountinfo: string): readonly Mount[] {
  return mountinfo.split('\n').flatMap((line) => {
    const [mount = '', source = ''] = line.split(' - ');
    const [, , number, root, path] = mount.split(' ');
    const [type, device] = source.split(' ');
    if (number === undefined || root === undefined || path === undefined || !type || device === undefined) return [];
    return [{ path: withoutEscapes(path), root: withoutEscapes(root), type, device: withoutEscapes(device), number }];
  });
}

/**
 * Those that hold somebody's data: no pseudo file systems, none in memory, and of the mounts of one file system only that with the shortest path.
 * An overlay counts only at the root, where it is what a container has for a disk.
 */
export function dataMounts(mounts: readonly Mount[]): readonly Mount[] {
  const shortest = new Map<string, Mount>();
  for (const mount of visible(mounts)) {
    if (NO_DATA.has(mount.type) || mount.type.startsWith('fuse.portal')) continue;
    if (mount.type === 'overlay' && mount.path !== '/') continue;
    const known = shortest.get(mount.number);
    if (known === undefined || mount.path.length < known.path.length) shortest.set(mount.number, mount);
  }
  return [...shortest.values()];
}

/** What is mounted over something else hides it. */
function visible(mounts: readonly Mount[]): Iterable<Mount> {
  return new Map(mounts.map((mount) => [mount.path, mount])).values();
}

/** What the kernel shows of itself, what is in memory, and images that are full by their nature. */
const NO_DATA: ReadonlySet<string> = new Set([
  'autofs',
  'binfmt_misc',
  'bpf',
  'cgroup',
  'cgroup2',
  'configfs',
  'debugfs',
  'devpts',
  'devtmpfs',
  'efivarfs',
  'erofs',
  'fusectl',
  'hugetlbfs',
  'iso9660',
  'mqueue',
  'nsfs',
  'proc',
  'pstore',
  'ramfs',
  'rpc_pipefs',
  'securityfs',
  'selinuxfs',
  'squashfs',
  'sysfs',
  'tmpfs',
  'tracefs',
]);

function withoutEscapes(text: string): string {
  return text.replace(/\\([0-7]{3})/g, (_, octal: string) => String.fromCharCode(Number.parseInt(octal, 8)));
}
