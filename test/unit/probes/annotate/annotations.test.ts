import { describe, expect, it } from 'vitest';
import { InvalidOptionError } from '../../../../src/errors/index.js';
import {
  annotateAvailability,
  annotateGeo,
  annotateScores,
  annotateVoice,
} from '../../../../src/probes/annotate/index.js';
import { greatCircleDistance } from '../../../../src/probes/geo/index.js';
import { telemetryScores, voiceQuality } from '../../../../src/probes/quality/index.js';
import { aPing, aTask, FAILED, geoOf, OFFLINE, OK, viaJson } from './fixtures.js';

const task = aTask();
const NOTHING_LOST = aPing();
const ONE_LOST = aPing({ samples: [20, 22, 21, 20] }, { received: 4, loss: 0.2 });
const ALL_LOST = aPing({ ...FAILED, samples: [] }, { received: 0, loss: 1, rtt: undefined, jitter: undefined });

describe('annotateVoice', () => {
  it('rates a call by each codec, and leaves everything else as it is', () => {
    const annotated = annotateVoice({ codecs: ['g711', 'g729a-vad'] })(ONE_LOST, task);
    const packets = { samples: ONE_LOST.samples, lost: 1 };
    expect(annotated).toEqual({
      ...ONE_LOST,
      facts: {
        ...ONE_LOST.facts,
        voice: {
          g711: voiceQuality(packets, { codec: 'g711' }),
          'g729a-vad': voiceQuality(packets, { codec: 'g729a-vad' }),
        },
      },
    });
    expect(viaJson(annotated)).toEqual(annotated);
  });

  it('rates G.711 with concealment where nothing else is asked for, and passes the other options on', () => {
    const { facts } = annotateVoice({ jitterBuffer: 200 })(NOTHING_LOST, task);
    const quality = voiceQuality({ samples: NOTHING_LOST.samples, lost: 0 }, { jitterBuffer: 200 });
    expect(facts).toMatchObject({ voice: { 'g711-plc': quality } });
  });

  it.each([
    ['without replies', ALL_LOST],
    ['with losses while this host was offline', { ...ONE_LOST, ...OFFLINE }],
    ['that was ok, but with losses and offline at some moment', { ...ONE_LOST, offline: 'no-carrier' } as const],
    ['with losses that are inconclusive for another reason', { ...ONE_LOST, ...OFFLINE, reason: 'overrun' }],
  ])('says nothing of a ping %s', (_, ping) => {
    expect(annotateVoice()(ping, task)).toBe(ping);
    expect(annotateScores()(ping, task)).toBe(ping);
  });

  it('rates a ping in which nothing was lost, whatever happened around it', () => {
    expect(annotateVoice()({ ...NOTHING_LOST, ...OFFLINE }, task).facts).toHaveProperty('voice');
    expect(annotateScores()({ ...NOTHING_LOST, ...OFFLINE }, task).facts).toHaveProperty('scores');
  });

  it('rates a ping that failed for its losses', () => {
    expect(annotateVoice()({ ...ONE_LOST, ...FAILED }, task).facts).toHaveProperty('voice');
  });

  it.each([
    ['of another engine', { ...NOTHING_LOST, probe: 'tcp' }],
    ['without the facts of a ping', { ...NOTHING_LOST, facts: {} }],
    ['with facts that cannot be', aPing({}, { sent: 3, received: 5 })],
  ])('leaves a result %s alone', (_, result) => {
    expect(annotateVoice()(result, task)).toBe(result);
    expect(annotateScores()(result, task)).toBe(result);
  });

  it.each([
    { codecs: [] },
    { codecs: ['opus'] },
    { codecs: 'g711' },
    { jitterBuffer: -1 },
    { advantage: 21 },
    { burstRatio: 1 },
  ])('refuses %o', (options) => {
    expect(() => Reflect.apply(annotateVoice, undefined, [options])).toThrow(InvalidOptionError);
  });
});

describe('annotateScores', () => {
  it('scores the mean round-trip time, the loss and the jitter', () => {
    const annotated = annotateScores()(ONE_LOST, task);
    expect(annotated).toEqual({
      ...ONE_LOST,
      facts: { ...ONE_LOST.facts, scores: telemetryScores({ rtt: 21, loss: 0.2, jitter: 1.5 }) },
    });
    expect(viaJson(annotated)).toEqual(annotated);
  });

  it.each([
    ['jitter', aPing({ samples: [20] }, { sent: 1, received: 1, jitter: undefined })],
    ['round-trip time', aPing({}, { rtt: undefined })],
    ['loss', aPing({}, { sent: undefined })],
    ['request', aPing({ samples: [] }, { sent: 0, received: 0 })],
  ])('says nothing where no %s is known', (_, ping) => {
    expect(annotateScores()(ping, task)).toBe(ping);
  });
});

const VIENNA = { city: 'Vienna', latitude: 48.2, longitude: 16.4 };
const BERLIN = { city: 'Berlin', latitude: 52.5, longitude: 13.4 };
const NETWORK = { asn: 64_500 };
const geo = geoOf({ '192.0.2.1': VIENNA, '192.0.2.9': BERLIN, '198.51.100.1': NETWORK });

describe('annotateGeo', () => {
  it('says where the address is that was asked', () => {
    const annotated = annotateGeo(geo)(NOTHING_LOST, task);
    expect(annotated).toEqual({ ...NOTHING_LOST, facts: { ...NOTHING_LOST.facts, geo: VIENNA } });
    expect(viaJson(annotated)).toEqual(annotated);
  });

  it.each([
    ['coordinates', { latitude: 52.5, longitude: 13.4 }],
    ['an address', '192.0.2.9'],
  ])('says how far that is from %s', (_, from) => {
    const { facts } = annotateGeo(geo, { from })(NOTHING_LOST, task);
    expect(facts).toMatchObject({ geo: { ...VIENNA, distance: greatCircleDistance(BERLIN, VIENNA) } });
  });

  it('keeps the distance that the files themselves were told to give, unless it has an origin of its own', () => {
    const far = geoOf({ '192.0.2.1': { ...VIENNA, distance: 1 }, '192.0.2.2': { distance: 1 } });
    expect(annotateGeo(far)(NOTHING_LOST, task).facts).toMatchObject({ geo: { distance: 1 } });
    const { facts } = annotateGeo(far, { from: '203.0.113.1' })(NOTHING_LOST, task);
    expect(facts).toHaveProperty('geo', VIENNA);
  });

  it('has no distance of what has no place', () => {
    const { facts } = annotateGeo(geo, { from: BERLIN_COORDINATES })(
      { ...NOTHING_LOST, address: '198.51.100.1' },
      task,
    );
    expect(facts).toHaveProperty('geo', NETWORK);
  });

  it('says of each address on the way where it is', () => {
    const hop = (ttl: number, ...addresses: readonly string[]) => ({
      ttl,
      addresses: addresses.map((address) => ({ address, rtts: [1], flows: [0] })),
      sent: 1,
      received: 1,
      loss: 0,
    });
    const facts = { hops: [hop(1, '10.0.0.1', '198.51.100.1'), hop(2), hop(3, '192.0.2.1')], reached: true };
    const trace = { ...NOTHING_LOST, probe: 'trace', facts };
    const annotated = annotateGeo(geo, { from: BERLIN_COORDINATES })(trace, task);
    const distance = greatCircleDistance(BERLIN, VIENNA);
    expect(annotated.facts).toEqual({
      reached: true,
      hops: [
        {
          ...hop(1),
          addresses: [
            { address: '10.0.0.1', rtts: [1], flows: [0] },
            { address: '198.51.100.1', rtts: [1], flows: [0], geo: NETWORK },
          ],
        },
        hop(2),
        { ...hop(3), addresses: [{ address: '192.0.2.1', rtts: [1], flows: [0], geo: { ...VIENNA, distance } }] },
      ],
      geo: { ...VIENNA, distance },
    });
    expect(viaJson(annotated)).toEqual(annotated);
    expect(facts.hops[2]?.addresses[0]).not.toHaveProperty('geo');
  });

  it('says it of an inconclusive result too: an address stays where it is', () => {
    expect(annotateGeo(geo)({ ...ONE_LOST, ...OFFLINE }, task).facts).toHaveProperty('geo', VIENNA);
  });

  const { address: _, ...unaddressed } = NOTHING_LOST;

  it.each([
    ['without an address, such as that of host', { ...unaddressed, probe: 'host' }],
    ['whose address nothing is known of', { ...NOTHING_LOST, address: '203.0.113.1' }],
  ])('leaves a result alone %s', (_what, result) => {
    expect(annotateGeo(geo)(result, task)).toBe(result);
  });

  it.each([
    [undefined, {}],
    [{}, {}],
    [geo, { from: 'Berlin' }],
    [geo, { from: { latitude: 91, longitude: 0 } }],
    [geo, { form: '192.0.2.9' }],
  ])('refuses %o with %o', (given, options) => {
    expect(() => Reflect.apply(annotateGeo, undefined, [given, options])).toThrow(InvalidOptionError);
  });
});

const BERLIN_COORDINATES = { latitude: BERLIN.latitude, longitude: BERLIN.longitude };

describe('annotateAvailability', () => {
  const at = (seconds: number, verdict: object = OK) => ({
    ...aPing(verdict),
    startedAt: seconds * 1_000,
    duration: 0,
  });

  it('sums up what was found of each task so far', () => {
    const annotate = annotateAvailability();
    const other = aTask();
    annotate(at(0), task);
    annotate(at(0, FAILED), other);
    annotate(at(10, FAILED), task);
    const annotated = annotate(at(20), task);
    expect(annotated.facts).toMatchObject({
      sent: 5,
      availability: { observed: 20_000, downtime: 10_000, availability: 0.5, failures: 1, mttr: 10_000 },
    });
    expect(viaJson(annotated)).toEqual(annotated);
    expect(annotate(at(10), other).facts).toMatchObject({ availability: { availability: 0 } });
  });

  it('takes a result to hold for three intervals, or as long as it is told', () => {
    for (const [options, observed] of [
      [{}, 30_000],
      [{ holds: 12_000 }, 12_000],
    ] as const) {
      const annotate = annotateAvailability(options);
      annotate(at(0), task);
      const { facts } = annotate(at(60), task);
      expect(facts).toMatchObject({ availability: { observed, unknown: 60_000 - observed } });
    }
  });

  it('counts what an inconclusive result leaves open as unknown', () => {
    const annotate = annotateAvailability();
    annotate(at(0), task);
    expect(annotate(at(10, OFFLINE), task).facts).toMatchObject({ availability: { availability: 1, unknown: 0 } });
    expect(annotate(at(20), task).facts).toMatchObject({ availability: { observed: 10_000, unknown: 10_000 } });
  });

  it('counts the probe itself', () => {
    const { facts } = annotateAvailability()({ ...at(0, FAILED), duration: 5_000 }, task);
    expect(facts).toMatchObject({ availability: { downtime: 5_000, availability: 0 } });
  });

  it.each([{ holds: 0 }, { holds: '3m' }, { hold: 1 }])('refuses %o', (options) => {
    expect(() => Reflect.apply(annotateAvailability, undefined, [options])).toThrow(InvalidOptionError);
  });
});
