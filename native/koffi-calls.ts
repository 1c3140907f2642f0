import type { LibcCalls } from './libc.js';

type Koffi = Pick<typeof import('koffi'), 'load' | 'errno' | 'struct' | 'pointer' | 'sizeof' | 'address'>;

/** @throws {Error} when koffi has no build for this platform, or may not be loaded. */
export async function loadKoffiCalls(): Promise<LibcCalls> {
  // Imported when it is first needed: loading takes 10 ms and 2 MB, and a service without a monitor should pay neither.
  const koffi = await import('koffi');
  return bind('default' in koffi ? koffi.default : koffi);
}

function bind(koffi: Koffi): LibcCalls {
  const libc = koffi.load(null);
  // struct sock_fprog of include/uapi/linux/filter.h
  const filterProgram = koffi.struct({ len: 'uint16_t', filter: 'const void *' });
  const filterProgramLength = koffi.sizeof(filterProgram);
  const setsockoptFilter: (
    fd: number,
    level: number,
    option: number,
    value: { readonly len: number; readonly filter: Uint8Array },
    length: number,
  ) => number = libc.func('setsockopt', 'int', ['int', 'int', 'int', koffi.pointer(filterProgram), 'unsigned int']);
  return {
    socket: libc.func('int socket(int, int, int)'),
    bind: libc.func('int bind(int, const void *, unsigned int)'),
    connect: libc.func('int connect(int, const void *, unsigned int)'),
    setsockopt: libc.func('int setsockopt(int, int, int, const void *, unsigned int)'),
    setsockoptFilter: (fd, level, option, program, count) =>
      setsockoptFilter(fd, level, option, { len: count, filter: program }, filterProgramLength),
    getsockopt: libc.func('int getsockopt(int, int, int, void *, void *)'),
    // koffi knows no ssize_t; on every Linux ABI that it supports, it is a long.
    send: libc.func('long send(int, const void *, size_t, int)'),
    recvfrom: libc.func('long recvfrom(int, void *, size_t, int, void *, void *)'),
    sendto: libc.func('long sendto(int, const void *, size_t, int, const void *, unsigned int)'),
    recvmmsg: libc.func('int recvmmsg(int, void *, unsigned int, int, void *)'),
    epoll_create1: libc.func('int epoll_create1(int)'),
    epoll_ctl: libc.func('int epoll_ctl(int, int, int, void *)'),
    epoll_wait: libc.func('int epoll_wait(int, void *, int, int)'),
    clock_gettime: libc.func('int clock_gettime(int, void *)'),
    addressOf: (bytes) => koffi.address(bytes),
    poll: libc.func('int poll(void *, unsigned long, int)'),
    dup3: libc.func('int dup3(int, int, int)'),
    close: libc.func('int close(int)'),
    errno: () => koffi.errno(),
  };
}
