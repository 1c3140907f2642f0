import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  enclose,
  type FollowerMessage,
  judgementOf,
  type OwnerMessage,
  parseFollowerMessage,
  parseOwnerMessage,
} from '../../../src/service/protocol.js';

const follower = 'a follower';
const FOLLOWER: readonly FollowerMessage[] = [
  { type: 'open', follower, source: 0 },
  {
    type: 'open',
    follower,
    source: 7,
    subject: {
      destination: 'sftp.example.com:22',
      options: { via: 'proxy:3128', source: '192.0.2.1', mark: 1, interface: 'eth0', askDestination: false },
    },
  },
  { type: 'close', follower, source: 7 },
  { type: 'wait', follower, source: 0 },
  { type: 'leave', follower, source: 0 },
  { type: 'report', follower, source: 0, report: 3, outcome: { ok: true } },
  { type: 'report', follower, source: 0, report: 4, outcome: { ok: false } },
  { type: 'report', follower, source: 0, report: 5, outcome: { ok: false, code: 'ECONNRESET' } },
  { type: 'track', follower, source: 0, work: 1 },
  { type: 'release', follower, source: 0, work: 1 },
  { type: 'ping', follower },
];

const view = { judgement: { state: 'down', reason: 'no-carrier' }, allowsTrials: false, flapping: true } as const;
const OWNER: readonly OwnerMessage[] = [
  { type: 'hello' },
  { type: 'bye' },
  { type: 'state', follower, source: 0, view },
  { type: 'state', follower, source: 0, view: { ...view, interface: 'eth0' } },
  { type: 'refused', follower, source: 7, because: 'no destination' },
  { type: 'reported', follower, source: 0, report: 3 },
  { type: 'stranded', follower, source: 0, work: 1, reason: 'no-address' },
  { type: 'pong', follower },
];

describe('a message', () => {
  it.each(FOLLOWER)('of a follower arrives as it was sent, as JSON too: $type', (message) => {
    expect(parseFollowerMessage(enclose(message))).toEqual({ kind: 'message', message });
    expect(parseFollowerMessage(overJson(enclose(message)))).toEqual({ kind: 'message', message });
  });

  it.each(OWNER)('of an owner arrives as it was sent, as JSON too: $type', (message) => {
    expect(parseOwnerMessage(enclose(message))).toEqual({ kind: 'message', message });
    expect(parseOwnerMessage(overJson(enclose(message)))).toEqual({ kind: 'message', message });
  });

  it.each([undefined, null, 'job', 7, [], {}, { type: 'open', source: 0 }])(
    'of somebody else is left to whom it is for: %o',
    (value) => {
      expect(parseFollowerMessage(value)).toEqual({ kind: 'foreign' });
      expect(parseOwnerMessage(value)).toEqual({ kind: 'foreign' });
    },
  );

  it.each<object>([
    { type: 'nonsense', source: 0 },
    { type: 'open' },
    { type: 'ping', follower: undefined },
    { type: 'open', source: 0, follower: undefined },
    { type: 'open', source: 0, follower: 7 },
    { type: 'open', source: -1 },
    { type: 'open', source: 1.5 },
    { type: 'open', source: '0' },
    { type: 'open', source: 1, subject: { destination: 22, options: {} } },
    { type: 'open', source: 1, subject: { destination: 'host' } },
    { type: 'open', source: 1, subject: { destination: 'host', options: { mark: 'red' } } },
    { type: 'open', source: 1, subject: { destination: 'host', options: { toString: 'x' } } },
    { type: 'open', source: 1, subject: { destination: 'x'.repeat(5_000), options: {} } },
    { type: 'report', source: 0, report: 1 },
    { type: 'report', source: 0, report: 1, outcome: { ok: 'yes' } },
    { type: 'report', source: 0, report: 1, outcome: { ok: false, code: 7 } },
    { type: 'track', source: 0 },
  ])('of a follower that is not well-formed is told apart: %o', (fields) => {
    expect(parseFollowerMessage({ ...enclose({ type: 'ping', follower }), ...fields })).toMatchObject({
      kind: 'broken',
    });
  });

  it.each<object>([
    { type: 'nonsense', source: 0 },
    { type: 'pong', follower: undefined },
    { type: 'state', source: 0, view, follower: undefined },
    { type: 'state', source: 0 },
    { type: 'state', view },
    { type: 'state', source: 0, view: { ...view, judgement: { state: 'up', reason: 'no-carrier' } } },
    { type: 'state', source: 0, view: { ...view, allowsTrials: 'yes' } },
    { type: 'state', source: 0, view: { ...view, flapping: undefined } },
    { type: 'state', source: 0, view: { ...view, interface: 2 } },
    { type: 'refused', source: 0 },
    { type: 'reported', source: 0 },
    { type: 'stranded', source: 0, work: 1, reason: 'sabotage' },
  ])('of an owner that is not well-formed is told apart: %o', (fields) => {
    expect(parseOwnerMessage({ ...enclose({ type: 'pong', follower }), ...fields })).toMatchObject({ kind: 'broken' });
  });

  it('of another version says which', () => {
    const [mark = ''] = Object.keys(enclose({ type: 'hello' }));
    expect(parseOwnerMessage({ type: 'hello', [mark]: 99 })).toEqual({
      kind: 'broken',
      problem: 'speaks version 99 of the protocol, and this is 2',
    });
  });

  it('that makes no sense is shown in part, however large it is', () => {
    const [mark = ''] = Object.keys(enclose({ type: 'hello' }));
    const large = Object.fromEntries(Array.from({ length: 1_000 }, (_, index) => [`${'x'.repeat(1_000)}${index}`, 0]));
    for (const value of [{ ...enclose({ type: 'hello' }), ...large, type: 'nonsense' }, { [mark]: large }]) {
      const parsed = parseOwnerMessage(value);
      expect(parsed.kind === 'broken' && parsed.problem.length).toBeLessThan(1_100);
    }
  });

  it('whatever it is, makes nothing throw', () => {
    const field = fc.constantFrom(
      'follower',
      'source',
      'type',
      'subject',
      'outcome',
      'view',
      'work',
      'report',
      'reason',
      'because',
    );
    const type = fc.constantFrom(...[...FOLLOWER, ...OWNER].map((message) => message.type));
    fc.assert(
      fc.property(fc.dictionary(field, fc.oneof(type, fc.nat(3), fc.anything())), (fields) => {
        const value = { ...enclose({ type: 'hello' }), ...fields };
        expect(['message', 'broken']).toContain(parseFollowerMessage(value).kind);
        expect(['message', 'broken']).toContain(parseOwnerMessage(value).kind);
      }),
    );
  });
});

describe('a state without a proper reason', () => {
  it('is taken for what it says, with the least that it can mean', () => {
    expect(judgementOf('down', undefined)).toEqual({ state: 'down', reason: 'unreachable' });
    expect(judgementOf('up', 'no-carrier')).toEqual({ state: 'up', reason: 'path' });
    expect(judgementOf('down', 'no-carrier')).toEqual({ state: 'down', reason: 'no-carrier' });
  });
});

function overJson(value: object): unknown {
  return JSON.parse(JSON.stringify(value));
}
