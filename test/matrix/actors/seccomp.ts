import koffi from 'koffi';
import { SystemCallError } from '../../../native/index.js';

/**
 * Has the kernel answer EAFNOSUPPORT to `socket(AF_NETLINK, …)` in this thread for good, as the seccomp profiles of some sandboxes do.
 *
 * @throws {Error} on an architecture whose number of the system call is not known here.
 */
export function forbidNetlinkSockets(): void {
  const instructions = Buffer.concat(filter(socketCall()));
  // struct sock_fprog: a count, and behind it, aligned, a pointer.
  const program = Buffer.alloc(16);
  program.writeUInt16LE(instructions.length / INSTRUCTION_LENGTH, 0);
  program.writeBigUInt64LE(BigInt(koffi.address(instructions)), 8);
  checked(prctl(PR_SET_NO_NEW_PRIVS, 1, null));
  checked(prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, program));
}

// include/uapi/linux/prctl.h, seccomp.h, bpf_common.h, audit.h; errno.h
const PR_SET_SECCOMP = 22;
const PR_SET_NO_NEW_PRIVS = 38;
const SECCOMP_MODE_FILTER = 2;
const SECCOMP_RET_ALLOW = 0x7fff_0000;
const SECCOMP_RET_ERRNO = 0x0005_0000;
const LOAD_WORD = 0x20;
const JUMP_IF_EQUAL = 0x15;
const RETURN = 0x06;
const EAFNOSUPPORT = 97;
const AF_NETLINK = 16;

/** struct seccomp_data: the number of the call, the architecture, the instruction pointer, then the arguments, of 64 bits each. */
const NUMBER = 0;
const FIRST_ARGUMENT = 16;

const INSTRUCTION_LENGTH = 8;

function filter(socketNumber: number): readonly Buffer[] {
  return [
    instruction(LOAD_WORD, NUMBER),
    instruction(JUMP_IF_EQUAL, socketNumber, 0, 3),
    instruction(LOAD_WORD, FIRST_ARGUMENT),
    instruction(JUMP_IF_EQUAL, AF_NETLINK, 0, 1),
    instruction(RETURN, SECCOMP_RET_ERRNO | EAFNOSUPPORT),
    instruction(RETURN, SECCOMP_RET_ALLOW),
  ];
}

/** struct sock_filter: the code, how many to skip if true and if false, and an operand. */
function instruction(code: number, operand: number, ifTrue = 0, ifFalse = 0): Buffer {
  const bytes = Buffer.alloc(INSTRUCTION_LENGTH);
  bytes.writeUInt16LE(code, 0);
  bytes.writeUInt8(ifTrue, 2);
  bytes.writeUInt8(ifFalse, 3);
  bytes.writeUInt32LE(operand, 4);
  return bytes;
}

function socketCall(): number {
  const known = new Map<string, number>([
    ['x64', 41],
    ['arm64', 198],
    ['riscv64', 198],
  ]).get(process.arch);
  if (known === undefined) throw new Error(`the number of socket(2) on ${process.arch} is not known here`);
  return known;
}

const prctl: (option: number, argument: number, pointer: Uint8Array | null) => number = koffi
  .load(null)
  .func('int prctl(int, unsigned long, void *)');

function checked(result: number): void {
  if (result === -1) throw new SystemCallError('prctl', koffi.errno());
}
