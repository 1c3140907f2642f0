import { serveActor } from '../../test/lab/index.js';
import { type S3Host, startS3 } from './s3-host.js';
import type { Received } from './stage.js';

let s3: S3Host | undefined;

/** The S3 server in a host of its own. */
const actor = serveActor(() => ({
  /** @returns the port. */
  async start(address: string): Promise<number> {
    s3 = await startS3(address);
    return s3.port;
  },
  received(key: string): Received | undefined {
    return s3?.received(key);
  },
}));

export type S3Actor = typeof actor;
