import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The checkout. */
export const ROOT = fileURLToPath(new URL('../../', import.meta.url));

/** The names by which users import, each with the path of the source that the build makes it of. */
export const SUBPATHS: Readonly<Record<string, string>> = {
  netpause: join(ROOT, 'src/index.ts'),
  'netpause/aws-sdk': join(ROOT, 'src/adapters/aws-sdk/index.ts'),
  'netpause/axios': join(ROOT, 'src/adapters/axios/index.ts'),
  'netpause/fetch': join(ROOT, 'src/adapters/fetch/index.ts'),
  'netpause/got': join(ROOT, 'src/adapters/got/index.ts'),
  'netpause/ky': join(ROOT, 'src/adapters/ky/index.ts'),
  'netpause/sftp': join(ROOT, 'src/adapters/sftp/index.ts'),
  'netpause/undici': join(ROOT, 'src/adapters/undici/index.ts'),
  'netpause/monitor': join(ROOT, 'src/monitor/index.ts'),
  'netpause/netlink': join(ROOT, 'src/netlink/index.ts'),
  'netpause/observe': join(ROOT, 'src/observe/index.ts'),
  'netpause/probes': join(ROOT, 'src/probes/index.ts'),
  'netpause/retry': join(ROOT, 'src/retry/index.ts'),
  'netpause/ring': join(ROOT, 'src/ring/index.ts'),
  'netpause/service': join(ROOT, 'src/service/index.ts'),
  'netpause/testing': join(ROOT, 'src/testing/index.ts'),
};
