import { getSystemErrorName } from 'node:util';
import { NetpauseError } from '../src/errors/index.js';

/** A system call failed. Has the fields of Node's own system errors, so that code which branches on those works on this too. */
export class SystemCallError extends NetpauseError {
  /** The errno's name, such as `'ENOBUFS'`. */
  override readonly code: string;

  constructor(
    /** The call, such as `'bind'`. */
    readonly syscall: string,
    /** The kernel's error number, positive. */
    readonly errno: number,
  ) {
    const code = errnoName(errno);
    super(`${syscall} failed: ${code}`);
    this.code = code;
  }
}

/** The symbolic name of a kernel error number, `'ENOBUFS'` for 105; numbers that libuv does not know become `'E<number>'`. */
export function errnoName(errno: number): string {
  try {
    return getSystemErrorName(-errno);
  } catch {
    return `E${errno}`;
  }
}
