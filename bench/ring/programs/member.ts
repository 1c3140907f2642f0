import { createMember, type MemberOptions } from '../../../src/ring/index.js';
import { serveActor } from '../../../test/lab/actor/serve.js';

/** A member with nothing else in its process. */
const host = serveActor(() => ({
  /** @returns its port. */
  async start(options: MemberOptions): Promise<number> {
    const { url } = await createMember(options);
    return Number(new URL(url).port);
  },
}));

export type MemberHost = typeof host;
