import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { InvalidOptionError } from '../../../../src/errors/index.js';
import { codecDelay, VOICE_CODECS } from '../../../../src/probes/quality/codecs.js';
import { lossPattern } from '../../../../src/probes/quality/loss-pattern.js';
import { playOut } from '../../../../src/probes/quality/playout.js';
import { telemetryScores } from '../../../../src/probes/quality/telemetry-scores.js';
import { voiceQuality } from '../../../../src/probes/quality/voice-quality.js';

/** `'11001'`: 1 for what came, 0 for what was lost, ? for what cannot be told. */
function arrivals(text: string): (boolean | undefined)[] {
  return [...text].map((each) => (each === '?' ? undefined : each === '1'));
}

describe('lossPattern', () => {
  it('measures bursts against those of random loss', () => {
    // 4 of 10 lost in two bursts: the mean is 2, and 1/(1 − 0.4) would be random.
    expect(lossPattern(arrivals('1001100111'))).toEqual({
      known: 10,
      lost: 4,
      loss: 0.4,
      bursts: 2,
      burstLength: 2,
      burstRatio: 1.2,
    });
    expect(lossPattern(arrivals('1000011111')).burstRatio).toBeCloseTo(2.4, 9);
    expect(lossPattern(arrivals('1010101011')).burstRatio).toBeCloseTo(0.6, 9);
  });

  it('comes to 1 for losses that are independent of each other', () => {
    let state = 7;
    const random = () => {
      state = (state * 48_271) % 2_147_483_647;
      return state / 2_147_483_647;
    };
    const { loss, burstRatio } = lossPattern(Array.from({ length: 100_000 }, () => random() > 0.1));
    expect(loss).toBeCloseTo(0.1, 2);
    expect(burstRatio).toBeCloseTo(1, 1);
  });

  it('leaves out what cannot be told, and ends a burst there', () => {
    expect(lossPattern(arrivals('10?01'))).toMatchObject({ known: 4, lost: 2, loss: 0.5, bursts: 2, burstLength: 1 });
    expect(lossPattern(arrivals('???'))).toEqual({ known: 0, lost: 0, bursts: 0 });
  });

  it('has no ratio where nothing or everything was lost', () => {
    expect(lossPattern(arrivals('111'))).toEqual({ known: 3, lost: 0, loss: 0, bursts: 0 });
    expect(lossPattern(arrivals('000'))).toEqual({ known: 3, lost: 3, loss: 1, bursts: 1, burstLength: 3 });
    expect(lossPattern([])).toEqual({ known: 0, lost: 0, bursts: 0 });
  });
});

describe('playOut', () => {
  it('makes delay of what is within the buffer, and loss of what is beyond', () => {
    expect(playOut([10, 25, 50, 51, null, undefined], 40)).toEqual({
      delay: 50,
      played: [true, true, true, false, false, undefined],
      discarded: 1,
    });
  });

  it('refuses what is no time', () => {
    expect(() => playOut([Number.NaN], 40)).toThrow(InvalidOptionError);
    expect(() => playOut([-1], 40)).toThrow(InvalidOptionError);
    expect(() => playOut([1], Number.NaN)).toThrow(InvalidOptionError);
  });

  it('has no delay where nothing came', () => {
    expect(playOut([null, undefined], 40)).toEqual({ played: [false, undefined], discarded: 0 });
  });
});

describe('voiceQuality', () => {
  const steady = Array<number>(100).fill(40);

  it('takes half of a round trip, the buffer and the codec for the delay', () => {
    const rating = voiceQuality(steady, { codec: 'g729a-vad', jitterBuffer: 30 });
    // 20 + 30 + (20 + 10 + 5)
    expect(rating?.delay).toBe(85);
    expect(rating).toMatchObject({ networkLoss: 0, discarded: 0, burstRatio: 1, outsideRange: [] });
    // 93.2 − 11: nothing is heard of a delay below 100 ms.
    expect(rating?.r).toBeCloseTo(82.206208, 5);
    expect(rating?.quality).toBe('high');
  });

  it.each([
    ['g711', 10.125],
    ['g711-plc', 13.875],
    ['g729a-vad', 35],
    ['g723.1-vad', 67.5],
    ['gsm-efr', 40],
  ] as const)('knows that %s keeps the speech for %d ms', (codec, delay) => {
    expect(codecDelay(VOICE_CODECS[codec])).toBe(delay);
    expect(voiceQuality(steady, { codec, jitterBuffer: 0 })?.delay).toBe(20 + delay);
  });

  it('takes codecs of the caller', () => {
    const codec = { Ie: 7, Bpl: 20, packetTime: 20, frameTime: 20, lookAhead: 5 };
    expect(voiceQuality(steady, { codec, codecDelay: 0, jitterBuffer: 0 })).toMatchObject({
      delay: 20,
      equipmentImpairment: 7,
    });
  });

  it('counts as lost what the network lost and what came too late', () => {
    const packets = [...Array<number>(95).fill(40), null, null, 200, 200, 40];
    const rating = voiceQuality(packets, { codec: 'g711-plc', jitterBuffer: 40 });
    expect(rating).toMatchObject({ networkLoss: 0.02, discarded: 0.02 });
    // One burst of four, where 1/(1 − 0.04) would be random.
    expect(rating?.burstRatio).toBeCloseTo(3.84, 9);
    expect(rating?.equipmentImpairment).toBeCloseTo((95 * 4) / (4 / 3.84 + 25.1), 9);
    expect(rating?.outsideRange).toEqual(['BurstR']);
    expect(voiceQuality(packets, { jitterBuffer: 80 })).toMatchObject({ networkLoss: 0.02, discarded: 0 });
  });

  it('leaves out packets of which nothing can be told', () => {
    expect(voiceQuality([40, undefined, undefined, 40])).toMatchObject({ networkLoss: 0 });
  });

  it('takes losses for random where their order is not known', () => {
    const packets = { samples: Array<number>(96).fill(40), lost: 4 };
    expect(voiceQuality(packets)).toMatchObject({ networkLoss: 0.04, burstRatio: 1 });
    expect(voiceQuality(packets, { burstRatio: 2 })).toMatchObject({ burstRatio: 2 });
  });

  it('has no rating where nothing came back', () => {
    expect(voiceQuality([null, null])).toBeUndefined();
    expect(voiceQuality([])).toBeUndefined();
    expect(voiceQuality({ samples: [], lost: 5 })).toBeUndefined();
  });

  it('can reckon with the short formula', () => {
    const far = Array<number>(10).fill(400);
    const options = { codec: 'g711-plc', jitterBuffer: 100, codecDelay: 0, delayFormula: 'cole-rosenbluth' } as const;
    // 300 ms
    expect(voiceQuality(far, options)?.delayImpairment).toBeCloseTo(20.697, 6);
    expect(voiceQuality(far, options)?.r).toBeCloseTo(93.2 - 20.697, 5);
    expect(voiceQuality(far, { ...options, delayFormula: 'g107' })?.r).not.toBeCloseTo(93.2 - 20.697, 1);
  });

  it.each([
    // R = 93.2 − 0.024·d − 0.11·(d − 177.3)⁺ − (Ie + (95 − Ie)·Ppl/(Ppl + Bpl)) + A, reckoned by hand.
    { delay: 0, loss: 0, codec: 'g711-plc', advantage: 0, r: 93.2 },
    { delay: 100, loss: 1, codec: 'g711-plc', advantage: 0, r: 93.2 - 2.4 - 95 / 26.1 },
    { delay: 200, loss: 5, codec: 'g729a-vad', advantage: 5, r: 93.2 - 4.8 - 2.497 - (11 + 420 / 24) + 5 },
    { delay: 400, loss: 10, codec: 'g711', advantage: 0, r: 93.2 - 9.6 - 24.497 - 950 / 14.3 },
  ] as const)('gives with the short formula what others give for $delay ms and $loss %', (given) => {
    const { delay, loss, r, codec, advantage } = given;
    const packets = { samples: Array<number>(100 - loss).fill(2 * delay), lost: loss };
    const options = { codec, advantage, jitterBuffer: 0, codecDelay: 0, delayFormula: 'cole-rosenbluth' } as const;
    expect(voiceQuality(packets, options)?.r).toBeCloseTo(Math.max(0, r), 9);
  });

  it('counts exactly what the network lost', () => {
    const packets = [...Array<number>(97).fill(40), null, 500, 500];
    expect(voiceQuality(packets)).toMatchObject({ networkLoss: 0.01, discarded: 0.02 });
  });

  describe('whatever is measured', () => {
    const codec = fc.constantFrom('g711', 'g711-plc', 'g729a-vad', 'g723.1-vad', 'gsm-efr');
    const delayFormula = fc.constantFrom('g107', 'cole-rosenbluth');
    const burstRatio = fc.double({ min: 1, max: 8, noNaN: true });
    const rtt = fc.double({ min: 0, max: 5000, noNaN: true });
    const options = fc.record({ codec, delayFormula, burstRatio });

    it('is never better with more loss at the same burst ratio', () => {
      fc.assert(
        fc.property(rtt, fc.nat(100), fc.nat(100), options, (time, one, other, given) => {
          const at = (lost: number) => voiceQuality({ samples: [time, ...Array(100).fill(time)], lost }, given);
          const [less, more] = [at(Math.min(one, other)), at(Math.max(one, other))];
          expect(more?.r).toBeLessThanOrEqual(less?.r ?? Number.NaN);
          expect(more?.mos).toBeLessThanOrEqual(less?.mos ?? Number.NaN);
        }),
      );
    });

    it('is never better with a longer way, or a lower burst ratio than the same loss has', () => {
      fc.assert(
        fc.property(rtt, rtt, fc.nat(50), options, burstRatio, (one, other, lost, given, ratio) => {
          const at = (time: number, by: number) =>
            voiceQuality({ samples: Array(50).fill(time), lost }, { ...given, burstRatio: by })?.r ?? Number.NaN;
          const [near, far] = [Math.min(one, other), Math.max(one, other)];
          expect(at(far, ratio)).toBeLessThanOrEqual(at(near, ratio) + 1e-9);
          const [low, high] = [Math.min(ratio, given.burstRatio), Math.max(ratio, given.burstRatio)];
          expect(at(near, high)).toBeLessThanOrEqual(at(near, low) + 1e-9);
        }),
      );
    });

    it('has a rating on its scales, and fractions that are some', () => {
      const packet = fc.oneof(
        fc.double({ min: 0, noNaN: true, noDefaultInfinity: true }),
        fc.constantFrom(null, undefined),
      );
      fc.assert(
        fc.property(fc.array(packet, { maxLength: 30 }), fc.record({ codec, delayFormula }), (packets, given) => {
          const rating = voiceQuality(packets, given);
          expect(rating === undefined).toBe(!packets.some((each) => typeof each === 'number'));
          if (rating === undefined) return;
          expect(rating.r).toBeGreaterThanOrEqual(0);
          expect(rating.r).toBeLessThanOrEqual(100);
          expect(rating.mos).toBeGreaterThanOrEqual(1);
          expect(rating.mos).toBeLessThanOrEqual(4.5);
          expect(rating.networkLoss).toBeGreaterThanOrEqual(0);
          expect(rating.networkLoss + rating.discarded).toBeLessThanOrEqual(1);
          expect(rating.burstRatio).toBeGreaterThanOrEqual(1);
        }),
      );
    });
  });

  it('rates a million packets', () => {
    const packets = Array.from({ length: 1_000_000 }, (_, index) => (index % 10 === 0 ? null : 40));
    expect(voiceQuality(packets)).toMatchObject({ networkLoss: 0.1, discarded: 0, burstRatio: 1 });
    expect(voiceQuality({ samples: packets.map(() => 40), lost: 1_000_000 })).toMatchObject({ networkLoss: 0.5 });
  });

  it('keeps R between 0 and 100', () => {
    expect(voiceQuality([20_000, null, null, null])).toMatchObject({ r: 0, mos: 1, quality: 'not-recommended' });
    expect(voiceQuality(steady, { advantage: 20 })).toMatchObject({ r: 100, mos: 4.5 });
  });

  it('refuses what is no packet and no option', () => {
    expect(() => voiceQuality([-1])).toThrow(InvalidOptionError);
    expect(() => voiceQuality([Number.NaN])).toThrow(InvalidOptionError);
    expect(() => voiceQuality({ samples: [1], lost: -1 })).toThrow(InvalidOptionError);
    expect(() => voiceQuality({ samples: [1], lost: 1e12 })).toThrow(InvalidOptionError);
    const wrong = { codec: { Ie: 96, Bpl: 1, packetTime: 1, frameTime: 1, lookAhead: 0 } };
    expect(() => voiceQuality(steady, wrong)).toThrow(InvalidOptionError);
    const slow = { codec: { Ie: 0, Bpl: 1, packetTime: Number.MAX_VALUE, frameTime: Number.MAX_VALUE, lookAhead: 0 } };
    expect(() => voiceQuality(steady, slow)).toThrow(/voiceQuality: codec/);
    expect(() => voiceQuality(steady, { jitterBuffer: -1 })).toThrow(InvalidOptionError);
    // As from JSON, or from JavaScript.
    for (const text of [
      'null',
      '"40"',
      '{}',
      '{ "samples": 40, "lost": 0 }',
      '{ "samples": [null], "lost": 0 }',
      '{ "samples": [] }',
    ]) {
      expect(() => voiceQuality(JSON.parse(text)), text).toThrow(InvalidOptionError);
    }
  });
});

describe('telemetryScores', () => {
  it('are never better with more delay, loss or jitter, and always on their scales', () => {
    const measured = fc.record({
      rtt: fc.double({ min: 0, max: 2000, noNaN: true }),
      loss: fc.double({ min: 0, max: 1, noNaN: true }),
      jitter: fc.double({ min: 0, max: 500, noNaN: true }),
    });
    fc.assert(
      fc.property(measured, measured, (one, other) => {
        const worst = {
          rtt: Math.max(one.rtt, other.rtt),
          loss: Math.max(one.loss, other.loss),
          jitter: Math.max(one.jitter, other.jitter),
        };
        const [better, worse] = [telemetryScores(one), telemetryScores(worst)];
        for (const name of ['voice', 'video', 'data', 'serviceQuality'] as const) {
          expect(worse[name], name).toBeLessThanOrEqual(better[name]);
          expect(worse[name], name).toBeGreaterThanOrEqual(0);
          expect(better[name], name).toBeLessThanOrEqual(100);
        }
        expect(worse.congestion).toBeGreaterThanOrEqual(better.congestion);
        expect(worse.violations).toEqual(expect.arrayContaining([...better.violations]));
      }),
    );
  });

  it.each([
    [{ rtt: 20, loss: 0, jitter: 5 }, { voice: 100, video: 100, data: 100, congestion: 0, serviceQuality: 100 }, []],
    // voice 100 − 0.5·50 − 10·2; video 100 − 8·2 − 0.5·10; service quality 100 − 2·2 − 0.1·100 − 10
    [
      { rtt: 200, loss: 0.02, jitter: 40 },
      { voice: 55, video: 79, data: 100, congestion: 30, serviceQuality: 76 },
      ['voice'],
    ],
    // voice 100 − 0.5·450 < 0; video 100 − 0.3·400 − 8·10 < 0; data 100 − 0.1·100 − 5·7; 60 + 50; 100 − 20 − 50 − 30
    [
      { rtt: 600, loss: 0.1, jitter: 0 },
      { voice: 0, video: 0, data: 55, congestion: 100, serviceQuality: 0 },
      ['voice', 'video', 'data'],
    ],
    // Loss up to 1 % spares the voice, up to 0.5 % the video.
    [{ rtt: 100, loss: 0.01, jitter: 30 }, { voice: 100, video: 92, data: 100, congestion: 0, serviceQuality: 98 }, []],
    [
      { rtt: 150, loss: 0.005, jitter: 0 },
      { voice: 100, video: 100, data: 100, congestion: 0, serviceQuality: 94 },
      [],
    ],
  ] as const)('of %j are as reckoned by hand', (measured, { ...expected }, violations) => {
    const { violations: found, ...scores } = telemetryScores(measured);
    for (const [name, value] of Object.entries(expected)) expect(Reflect.get(scores, name), name).toBeCloseTo(value, 9);
    expect(found).toEqual(violations);
  });

  it('takes loss without delay for no congestion', () => {
    expect(telemetryScores({ rtt: 100, loss: 0.05, jitter: 0 }).congestion).toBe(0);
    expect(telemetryScores({ rtt: 101, loss: 0.05, jitter: 0 }).congestion).toBeCloseTo(35.1, 9);
  });

  it('refuses what is no measurement', () => {
    expect(() => telemetryScores({ rtt: 1, loss: 2, jitter: 0 })).toThrow(InvalidOptionError);
    expect(() => telemetryScores({ rtt: -1, loss: 0, jitter: 0 })).toThrow(InvalidOptionError);
    expect(() => telemetryScores({ rtt: 1, loss: 0, jitter: Number.NaN })).toThrow(InvalidOptionError);
  });
});
