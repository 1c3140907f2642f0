/** A moment by the clock on the wall: `12:03:11`. */
export function clockTime(at: number): string {
  return new Date(at).toTimeString().slice(0, 8);
}
