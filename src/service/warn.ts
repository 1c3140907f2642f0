/** Says what is wrong where nobody can be thrown at: as a process warning, which can be seen but ends nothing. */
export function warn(error: Error): void {
  process.emitWarning(error);
}
