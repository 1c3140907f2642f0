/** Amazon S3 User Guide, "Multipart upload limits": parts in one upload. */
export const MOST_PARTS = 10_000;

/** Ibid.: bytes in a part, save the last one of an upload. */
export const SMALLEST_PART = 5 * 2 ** 20;

/** Ibid. */
export const LARGEST_PART = 5 * 2 ** 30;

const MIB = 2 ** 20;

/**
 * The size of the parts, in bytes: as wanted, or in whole MiB as much larger as it takes to stay within {@link MOST_PARTS}.
 *
 * @param size of the whole; `undefined` where nobody knows it.
 */
export function choosePartSize(size: number | undefined, wanted: number): number {
  const needed = Math.ceil((size ?? 0) / MOST_PARTS);
  return needed <= wanted ? wanted : Math.ceil(needed / MIB) * MIB;
}
