import type { Link } from '../netlink/index.js';
import { type OpenFile, type SystemFiles, systemFiles } from './system-files.js';

/** A link as netlink tells of it, as far as it takes to find the same one in /sys. */
type KnownLink = Pick<Link, 'index' | 'name' | 'mac' | 'carrierChanges'>;

/**
 * Tells without waiting whether the carrier of a link may have changed.
 *
 * Whoever asks netlink for a link, or /sys for its carrier, has to wait for the lock under which the whole machine's network is configured
 * (RTNL), and the event loop waits along: while containers come and go, that was 14 ms in one of ten cases and up to 140 ms (measured, Linux
 * 6.18). How often the carrier came and went is shown without any lock (carrier_changes_show of net/core/net-sysfs.c), and counted at once
 * (netif_carrier_off of net/sched/sch_generic.c), even where the kernel tells of it a second later.
 */
export class CarrierCounts {
  readonly #files: SystemFiles;
  /** The counts of the links that were looked for, by the number of the link; those without a file are not shown. */
  readonly #counts = new Map<number, { readonly link: KnownLink; readonly file: OpenFile | undefined }>();

  constructor(files: SystemFiles = systemFiles) {
    this.#files = files;
  }

  /** Whether the carrier has neither come nor gone since this was heard of the link; false where that cannot be told. */
  isUnchanged(link: KnownLink): boolean {
    if (link.carrierChanges === undefined) return false;
    try {
      const file = this.#countOf(link);
      const count = file?.text();
      if (file !== undefined && count === undefined) this.forget(link.index);
      return count?.trim() === `${link.carrierChanges}`;
    } catch {
      // It cannot be read at this moment, for want of a descriptor for one.
      return false;
    }
  }

  /** A link is gone; its number may soon be that of another one. */
  forget(index: number): void {
    this.#counts.get(index)?.file?.close();
    this.#counts.delete(index);
  }

  close(): void {
    for (const index of this.#counts.keys()) this.forget(index);
  }

  #countOf(link: KnownLink): OpenFile | undefined {
    const known = this.#counts.get(link.index);
    if (known?.link.name === link.name && known.link.mac === link.mac) return known.file;
    this.forget(link.index);
    const file = this.#shows(link) ? this.#files.open(pathOf(link, 'carrier_changes')) : undefined;
    // Where /sys is that of another namespace, it stays so: to look each time would cost more than to ask netlink.
    this.#counts.set(link.index, { link, file });
    return file;
  }

  /** Whether /sys shows this very link. It may be that of another namespace, with a link of the same name. */
  #shows(link: KnownLink): boolean {
    // Without a hardware address, as tunnels are, it cannot be told from its like in another namespace.
    if (link.mac === undefined || this.#read(link, 'address') !== link.mac) return false;
    return this.#read(link, 'ifindex') === `${link.index}`;
  }

  #read(link: KnownLink, file: string): string | undefined {
    return this.#files.text(pathOf(link, file))?.trim();
  }
}

function pathOf({ name }: KnownLink, file: string): string {
  return `/sys/class/net/${name}/${file}`;
}
