import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { InvalidOptionError } from '../../../../src/errors/index.js';
import { absoluteDelayImpairment, simplifiedDelayImpairment } from '../../../../src/probes/quality/delay-impairment.js';
import { eModel } from '../../../../src/probes/quality/e-model.js';
import { equipmentImpairment } from '../../../../src/probes/quality/equipment-impairment.js';
import { mosOfR, rOfMos, speechQualityOf } from '../../../../src/probes/quality/mos.js';

describe('the E-model', () => {
  it('gives R = 93.2 and MOS = 4.41 by default (G.107 clause 7.7)', () => {
    const rating = eModel();
    expect(rating.r).toBeCloseTo(93.2, 1);
    expect(rating.mos).toBeCloseTo(4.41, 2);
    expect(rating.outsideRange).toEqual([]);
  });

  it('is made up of what the equations give for the defaults', () => {
    // Independent implementations of equations 7-2 to 7-17 and 7-25 agree on these.
    const rating = eModel();
    expect(rating.signalToNoise).toBeCloseTo(94.768822, 5);
    expect(rating.simultaneousImpairment).toBeCloseTo(1.413568, 5);
    expect(rating.delayImpairment).toBeCloseTo(0.149046, 5);
    expect(rating.equipmentImpairment).toBe(0);
    expect(rating.r).toBeCloseTo(93.206208, 5);
  });

  it.each([
    { delay: 100, idte: 1.963791, idle: 0.727733, idd: 0, r: 90.66373 },
    { delay: 150, idte: 2.811844, idle: 0.840747, idd: 0.163531, r: 89.539132 },
    { delay: 250, idte: 4.242856, idle: 1.018587, idd: 8.91671, r: 79.177101 },
  ])('reckons with echo and delay of $delay ms', ({ delay, idte, idle, idd, r }) => {
    const rating = eModel({ T: delay, Ta: delay, Tr: 2 * delay });
    expect(rating.delayImpairment).toBeCloseTo(idte + idle + idd, 5);
    expect(rating.r).toBeCloseTo(r, 4);
  });

  it.each([
    [{ Pr: 65 }, 70.397752],
    [{ Ps: 65 }, 62.125933],
    [{ qdu: 14 }, 66.262066],
    [{ SLR: 12, RLR: 4 }, 85.13715],
    [{ Nc: -55, Ds: 0, LSTR: 13 }, 82.90365],
    [{ T: 1, TELR: 40 }, 92.770228],
    [{ T: 30, Tr: 60, TELR: 50, WEPL: 60 }, 89.539109],
    // Below 9 dB the sidetone masks the echo, above 20 dB its lack adds to it; below 1 ms there is no echo.
    [{ T: 30, TELR: 40, STMR: 8.5 }, 83.079224],
    [{ T: 30, TELR: 40, STMR: 20.5 }, 82.883115],
    [{ T: 0.5, TELR: 20 }, 93.205576],
    [{ A: 10 }, 103.206208],
  ])('gives for %j what an independent implementation gives', (parameters, r) => {
    expect(eModel(parameters).r).toBeCloseTo(r, 5);
  });

  it('names the parameters that it is not verified for', () => {
    expect(eModel({ Ta: 800, Ppl: 30 }).outsideRange).toEqual(['Ta', 'Ppl']);
    expect(eModel({ BurstR: 3, Ppl: 1.9 }).outsideRange).toEqual([]);
    expect(eModel({ BurstR: 3, Ppl: 2 }).outsideRange).toEqual(['BurstR']);
  });

  it.each([{ Ta: -1 }, { Ppl: 101 }, { Bpl: 0 }, { SLR: Number.NaN }, { qdu: 0 }, { ta: 1 }, { SLR: 1e308 }])(
    'refuses %j',
    (parameters) => {
      expect(() => eModel(parameters)).toThrow(InvalidOptionError);
    },
  );
});

describe('the delay impairment', () => {
  it('is nothing up to 100 ms, and then what equation 7-27 gives', () => {
    expect(absoluteDelayImpairment(100)).toBe(0);
    expect(absoluteDelayImpairment(150)).toBeCloseTo(0.163531, 5);
    expect(absoluteDelayImpairment(200)).toBeCloseTo(3.044414, 5);
    expect(absoluteDelayImpairment(250)).toBeCloseTo(8.91671, 5);
  });

  it('is less where users are less sensitive (table 1)', () => {
    expect(absoluteDelayImpairment(300, { sT: 0.55, mT: 120 })).toBeLessThan(absoluteDelayImpairment(300));
    expect(absoluteDelayImpairment(300, { sT: 0.4, mT: 150 })).toBeLessThan(
      absoluteDelayImpairment(300, { sT: 0.55, mT: 120 }),
    );
    expect(absoluteDelayImpairment(149, { sT: 0.4, mT: 150 })).toBe(0);
  });

  it('has a short form that bends at 177.3 ms', () => {
    expect(simplifiedDelayImpairment(0)).toBe(0);
    expect(simplifiedDelayImpairment(100)).toBeCloseTo(2.4, 9);
    expect(simplifiedDelayImpairment(177.3)).toBeCloseTo(4.2552, 9);
    // 0.024 · 300 + 0.11 · 122.7
    expect(simplifiedDelayImpairment(300)).toBeCloseTo(20.697, 9);
  });
});

describe('what no formula can be computed with', () => {
  it.each([
    ['absoluteDelayImpairment', () => absoluteDelayImpairment(Number.NaN)],
    ['absoluteDelayImpairment', () => absoluteDelayImpairment(-1)],
    ['absoluteDelayImpairment', () => absoluteDelayImpairment(Number.POSITIVE_INFINITY)],
    ['absoluteDelayImpairment', () => absoluteDelayImpairment(200, { sT: 0 })],
    // Such a delay would be better than none.
    ['absoluteDelayImpairment', () => absoluteDelayImpairment(200, { sT: 0.1 })],
    ['absoluteDelayImpairment', () => absoluteDelayImpairment(200, { mT: 0 })],
    ['simplifiedDelayImpairment', () => simplifiedDelayImpairment(-100)],
    ['simplifiedDelayImpairment', () => simplifiedDelayImpairment(Number.NaN)],
    ['equipmentImpairment', () => equipmentImpairment({ Ie: 0, Bpl: 0, Ppl: 0, BurstR: 1 })],
    ['equipmentImpairment', () => equipmentImpairment({ Ie: 0, Bpl: 4.3, Ppl: Number.NaN, BurstR: 1 })],
    ['equipmentImpairment', () => equipmentImpairment({ Ie: 96, Bpl: 4.3, Ppl: 1, BurstR: 1 })],
    ['mosOfR', () => mosOfR(Number.NaN)],
    ['rOfMos', () => rOfMos(Number.NaN)],
    ['speechQualityOf', () => speechQualityOf(Number.NaN)],
  ])('is refused by %s', (name, compute) => {
    expect(compute).toThrow(InvalidOptionError);
    expect(compute).toThrow(name);
  });

  it('is nothing else: any delay and sensitivity has a number', () => {
    const positive = fc.double({ min: Number.MIN_VALUE, noNaN: true, noDefaultInfinity: true });
    const sensitivity = fc.double({ min: 0.2, max: 10, noNaN: true });
    fc.assert(
      fc.property(positive, sensitivity, positive, (delay, sT, mT) => {
        const impairment = absoluteDelayImpairment(delay, { sT, mT });
        expect(impairment).toBeGreaterThanOrEqual(-1e-9);
        expect(Number.isFinite(impairment)).toBe(true);
      }),
    );
  });
});

describe('the equipment impairment', () => {
  it.each([
    { codec: 'G.711 with PLC', Ie: 0, Bpl: 25.1, Ppl: 1, BurstR: 1, expected: 95 / 26.1 },
    { codec: 'G.711 with PLC', Ie: 0, Bpl: 25.1, Ppl: 5, BurstR: 1, expected: 475 / 30.1 },
    { codec: 'G.711 with PLC', Ie: 0, Bpl: 25.1, Ppl: 5, BurstR: 2, expected: 475 / 27.6 },
    { codec: 'G.711', Ie: 0, Bpl: 4.3, Ppl: 1, BurstR: 1, expected: 95 / 5.3 },
    { codec: 'G.729A', Ie: 11, Bpl: 19, Ppl: 2, BurstR: 1, expected: 19 },
    { codec: 'G.729A', Ie: 11, Bpl: 19, Ppl: 0, BurstR: 1, expected: 11 },
  ])('of $codec with $Ppl % of loss and BurstR $BurstR is $expected', ({ expected, ...parameters }) => {
    expect(equipmentImpairment(parameters)).toBeCloseTo(expected, 9);
  });

  it('never counts losses at regular distances as better than random ones', () => {
    const random = equipmentImpairment({ Ie: 0, Bpl: 4.3, Ppl: 10, BurstR: 1 });
    expect(equipmentImpairment({ Ie: 0, Bpl: 4.3, Ppl: 10, BurstR: 0.5 })).toBe(random);
  });
});

describe('R and MOS', () => {
  it.each([
    // G.107 table B.1, to the two digits that it prints; G.109 table 1.
    { r: 90, mos: 4.34, quality: 'best' },
    { r: 80, mos: 4.03, quality: 'high' },
    { r: 70, mos: 3.6, quality: 'medium' },
    { r: 60, mos: 3.1, quality: 'low' },
    { r: 50, mos: 2.58, quality: 'poor' },
  ])('R = $r is MOS = $mos and $quality', ({ r, mos, quality }) => {
    expect(Math.abs(mosOfR(r) - mos)).toBeLessThan(0.007);
    expect(speechQualityOf(r)).toBe(quality);
    expect(speechQualityOf(r - 0.001)).not.toBe(quality);
  });

  it('has ends', () => {
    expect([mosOfR(-5), mosOfR(0), mosOfR(3), mosOfR(100), mosOfR(129)]).toEqual([1, 1, 1, 4.5, 4.5]);
    expect(speechQualityOf(49.9)).toBe('not-recommended');
    expect(speechQualityOf(-5)).toBe('not-recommended');
  });

  it('rise together', () => {
    const rating = fc.double({ min: -50, max: 150, noNaN: true });
    fc.assert(
      fc.property(rating, rating, (one, other) => {
        expect(mosOfR(Math.max(one, other))).toBeGreaterThanOrEqual(mosOfR(Math.min(one, other)));
      }),
    );
  });

  it('goes back from MOS to R (appendix I)', () => {
    for (let r = 7; r <= 100; r += 0.5) expect(rOfMos(mosOfR(r))).toBeCloseTo(r, 6);
    expect(rOfMos(4.41)).toBeCloseTo(93.2, 1);
    expect([rOfMos(4.5), rOfMos(5)]).toEqual([100, 100]);
    expect(rOfMos(1)).toBeCloseTo(6.515, 3);
    expect(rOfMos(0)).toBe(rOfMos(1));
  });
});
