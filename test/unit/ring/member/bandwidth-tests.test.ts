import { once } from 'node:events';
import { createServer, type RequestListener, type Server } from 'node:http';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { createBandwidthHandler, resolveHost } from '../../../../src/probes/index.js';
import { AllowList } from '../../../../src/ring/member/allow-list.js';
import { BandwidthTests, CLAIM_PATH } from '../../../../src/ring/member/bandwidth-tests.js';
import { BandwidthTurns } from '../../../../src/ring/member/bandwidth-turns.js';
import { KnownMembers } from '../../../../src/ring/member/known-members.js';
import { MemberLog } from '../../../../src/ring/member/member-log.js';
import { resolveMemberOptions } from '../../../../src/ring/member/member-options.js';
import type { CheckRecord } from '../../../../src/ring/wire/index.js';
import { portOf, sendJson } from './fake-registry.js';
import { member } from './fixtures.js';

const SELF = { id: 'me', ip: '127.0.0.1', port: 1 };
const HOUR = 3_600_000;
const { signal } = new AbortController();

describe('the bandwidth tests of a member', () => {
  const servers: Server[] = [];

  afterEach(() => {
    vi.useRealTimers();
    for (const server of servers.splice(0)) {
      server.closeAllConnections();
      server.close();
    }
  });

  /** Makes one test, in a slot in which it is this member's turn. */
  async function testOnce(onClaim: (known: KnownMembers) => void): Promise<readonly CheckRecord[]> {
    const known = new KnownMembers(0);
    const handler = createBandwidthHandler();
    const answer: RequestListener = (request, response) => {
      if (request.url?.startsWith(CLAIM_PATH)) {
        onClaim(known);
        sendJson(response, 200, { until: 0 });
      } else {
        handler.handle(request, response);
      }
    };
    const server = createServer(answer).listen(0, '127.0.0.1');
    servers.push(server);
    await once(server, 'listening');
    known.update([member('b', { ip: '127.0.0.1', port: portOf(server) })], SELF, 0);
    const turns = new BandwidthTurns('me', () => ['b'], {});
    // Of two members each is the source in every second slot.
    vi.useFakeTimers({ toFake: ['Date'], now: 15_000 });
    if (turns.turnAt(Date.now()) === undefined) vi.setSystemTime(45_000);
    const records: CheckRecord[] = [];
    const tests = new BandwidthTests({
      settings: resolveMemberOptions({ location: 'here', instanceId: 'me' }),
      known,
      allowed: new AllowList(undefined, true),
      turns,
      monitor: undefined,
      resolve: resolveHost,
      log: new MemberLog(undefined),
      onRecord: (record) => records.push(record),
    });
    await tests.step(signal);
    return records;
  }

  it.each([HOUR, -HOUR])(
    'take the time that their slot has left, though the clock is set by %d ms meanwhile',
    async (by) => {
      const records = await testOnce(() => vi.setSystemTime(Date.now() + by));
      expect(records).toMatchObject([{ type: 'bandwidth', target: 'b', verdict: 'ok' }]);
    },
  );

  it('are not made of a member that has gone or moved since it was asked', async () => {
    expect(await testOnce((known) => known.update([], SELF, 1))).toEqual([]);
    expect(await testOnce((known) => known.update([member('b', { ip: '127.0.0.1', port: 1 })], SELF, 1))).toEqual([]);
  });
});
