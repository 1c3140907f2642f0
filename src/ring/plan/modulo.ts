/** That of mathematics: never negative. */
export function modulo(value: number, by: number): number {
  return ((value % by) + by) % by;
}
