import { mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { InvalidOptionError } from '../../../../src/errors/index.js';
import { MEAN_EARTH_RADIUS } from '../../../../src/probes/geo/distance.js';
import {
  type Geo,
  GeoFileError,
  type GeoOptions,
  greatCircleDistance,
  openGeo,
} from '../../../../src/probes/geo/index.js';
import { WatchedFile } from '../../../../src/probes/watched-file.js';
import { type Writable, writeMmdb } from './write-mmdb.js';

const CITY: Writable = {
  city: { geoname_id: 1, names: { en: 'Vienna', de: 'Wien' } },
  continent: { code: 'EU', names: { en: 'Europe', de: 'Europa' } },
  country: { iso_code: 'AT', names: { en: 'Austria' } },
  registered_country: { iso_code: 'DE', names: { en: 'Germany', de: 'Deutschland' } },
  location: { accuracy_radius: 20, latitude: 48.2049, longitude: 16.3662, time_zone: 'Europe/Vienna' },
  postal: { code: '1010' },
  subdivisions: [{ iso_code: '9', names: { en: 'Vienna' } }],
};

const ASN: Writable = { autonomous_system_number: 64_500, autonomous_system_organization: 'Example Net' };

let folder: string;
let opened: Geo[];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'netpause-geo-'));
  opened = [];
});
afterEach(async () => {
  for (const geo of opened) geo.close();
  await rm(folder, { recursive: true });
});

async function fileOf(name: string, value: Writable, network = '203.0.113.0/24'): Promise<string> {
  const path = join(folder, name);
  // As whoever updates such a file should: nobody ever sees half of it.
  await writeFile(`${path}.new`, writeMmdb({ networks: [[network, value]], type: name }));
  await rename(`${path}.new`, path);
  return path;
}

async function open(files: string | readonly string[], options?: GeoOptions): Promise<Geo> {
  const geo = await openGeo(files, options);
  opened.push(geo);
  return geo;
}

function deferred<Value>(): { readonly promise: Promise<Value>; readonly resolve: (value: Value) => void } {
  let tell: (value: Value) => void = () => {};
  const promise = new Promise<Value>((resolve) => {
    tell = resolve;
  });
  return { promise, resolve: (value) => tell(value) };
}

describe('openGeo', () => {
  it('puts together what several files have', async () => {
    const geo = await open([await fileOf('City', CITY), await fileOf('ASN', ASN)]);
    expect(geo.locate('203.0.113.9')).toEqual({
      continent: { code: 'EU', name: 'Europe' },
      country: { code: 'AT', name: 'Austria' },
      registeredCountry: { code: 'DE', name: 'Germany' },
      subdivisions: [{ code: '9', name: 'Vienna' }],
      city: 'Vienna',
      postalCode: '1010',
      latitude: 48.2049,
      longitude: 16.3662,
      accuracyRadius: 20,
      timeZone: 'Europe/Vienna',
      asn: 64_500,
      asOrganisation: 'Example Net',
    });
    expect(geo.databases).toMatchObject([{ type: 'City', file: join(folder, 'City') }, { type: 'ASN' }]);
  });

  it('believes the first file first', async () => {
    const geo = await open([
      await fileOf('one', { isp: 'One' }),
      await fileOf('two', { isp: 'Two', organization: 'Two' }),
    ]);
    expect(geo.locate('203.0.113.9')).toEqual({ isp: 'One', organisation: 'Two' });
  });

  it('has the radius of the coordinates that it gives, and not that of another file', async () => {
    const near = { location: { latitude: 48.25, longitude: 16.5 } };
    const far = { location: { latitude: 1.5, longitude: 2.5, accuracy_radius: 1000 } };
    const geo = await open([await fileOf('near', near), await fileOf('far', far)]);
    expect(geo.locate('203.0.113.9')).toEqual({ latitude: 48.25, longitude: 16.5 });
    const other = await open([await fileOf('ASN', ASN), await fileOf('far', far), await fileOf('near', near)]);
    expect(other.locate('203.0.113.9')).toMatchObject({ asn: 64_500, latitude: 1.5, accuracyRadius: 1000 });
    const nowhere = { location: { accuracy_radius: 1000, time_zone: 'Europe/Vienna' } };
    const vague = await open([await fileOf('nowhere', nowhere), await fileOf('near', near)]);
    expect(vague.locate('203.0.113.9')).toEqual({ latitude: 48.25, longitude: 16.5, timeZone: 'Europe/Vienna' });
  });

  it('knows the layouts of DB-IP', async () => {
    // https://db-ip.com/db/format/ip-to-isp/mmdb.html, and the Lite files of cities, which name no codes of regions.
    const isp: Writable = {
      continent: { code: 'EU', geoname_id: 6_255_148, names: { en: 'Europe', fr: 'Europe' } },
      country: { geoname_id: 2_782_113, is_in_european_union: true, iso_code: 'AT', names: { en: 'Austria' } },
      traits: {
        autonomous_system_number: 64_500,
        autonomous_system_organization: 'Example Net',
        connection_type: 'Cable/DSL',
        isp: 'Example',
        organization: 'Example Org',
        user_type: 'residential',
      },
    };
    const lite: Writable = {
      city: { names: { en: 'Vienna (Innere Stadt)' } },
      location: { latitude: 48.2081, longitude: 16.3738 },
      subdivisions: [{ names: { en: 'Vienna' } }],
    };
    const geo = await open([await fileOf('DBIP-City-Lite', lite), await fileOf('DBIP-ISP', isp)]);
    expect(geo.locate('203.0.113.9')).toEqual({
      continent: { code: 'EU', name: 'Europe' },
      country: { code: 'AT', name: 'Austria' },
      subdivisions: [{ name: 'Vienna' }],
      city: 'Vienna (Innere Stadt)',
      latitude: 48.2081,
      longitude: 16.3738,
      asn: 64_500,
      asOrganisation: 'Example Net',
      isp: 'Example',
      organisation: 'Example Org',
    });
  });

  it('reads the network from the traits, as files of all kinds of facts have it', async () => {
    const traits = {
      isp: 'Example',
      organization: 'Org',
      autonomous_system_number: 64_501,
      autonomous_system_organization: 'AS',
    };
    const geo = await open(await fileOf('ISP', { traits }));
    expect(geo.locate('203.0.113.9')).toEqual({
      isp: 'Example',
      organisation: 'Org',
      asn: 64_501,
      asOrganisation: 'AS',
    });
  });

  it('gives names in the language that is asked for, and in English where there is none', async () => {
    const geo = await open(await fileOf('City', CITY), { language: 'de' });
    expect(geo.locate('203.0.113.9')).toMatchObject({ city: 'Wien', country: { name: 'Austria' } });
  });

  it('guesses nothing', async () => {
    const geo = await open(await fileOf('City', CITY));
    for (const address of [
      '192.168.1.1',
      '10.0.0.1',
      '127.0.0.1',
      '::1',
      'fe80::1',
      'fe80::1%eth0',
      '192.0.2.1',
      'example.com',
      '',
    ]) {
      expect(geo.locate(address), address).toBeUndefined();
    }
    expect(Object.keys(geo.locate('203.0.113.9') ?? {})).not.toContain('distance');
  });

  it('has for a private address what the file has', async () => {
    const geo = await open(await fileOf('own', { country: { iso_code: 'AT' } }, '10.0.0.0/8'));
    expect(geo.locate('10.1.2.3')).toEqual({ country: { code: 'AT' } });
  });

  it.each([
    { location: { latitude: 91.5, longitude: 0.5 } },
    { location: { latitude: 1.5 } },
    { location: 'here', country: 'AT', city: ['Vienna'], subdivisions: { iso_code: '9' } },
    { autonomous_system_number: 'AS64500', isp: '', country: {}, traits: 7 },
    'text',
  ])('leaves out what is of another shape: %j', async (record) => {
    const geo = await open(await fileOf('odd', record), { from: { latitude: 0, longitude: 0 } });
    expect(geo.locate('203.0.113.9')).toBeUndefined();
  });

  it('measures distances from coordinates, or from an address', async () => {
    const path = join(folder, 'places');
    const here: Writable = { location: { latitude: 52.52, longitude: 13.405 } };
    await writeFile(
      path,
      writeMmdb({
        networks: [
          ['203.0.113.0/24', CITY],
          ['198.51.100.0/24', here],
        ],
      }),
    );
    const fromPlace = await open(path, { from: { latitude: 52.52, longitude: 13.405 } });
    const fromAddress = await open(path, { from: '198.51.100.1' });
    const fromNowhere = await open(path, { from: '192.0.2.1' });
    expect(fromPlace.locate('203.0.113.9')?.distance).toBeCloseTo(523.4, 0);
    expect(fromAddress.locate('203.0.113.9')?.distance).toBe(fromPlace.locate('203.0.113.9')?.distance);
    expect(fromAddress.locate('198.51.100.9')?.distance).toBe(0);
    expect(Object.keys(fromNowhere.locate('203.0.113.9') ?? {})).not.toContain('distance');
  });

  it('does not open a file that is missing or none of the format, and leaves nothing open', async () => {
    const good = await fileOf('City', CITY);
    const bad = join(folder, 'bad');
    await writeFile(bad, 'no database');
    const closings = vi.spyOn(WatchedFile.prototype, 'close');
    await expect(openGeo([good, bad])).rejects.toMatchObject({ code: 'ERR_NETPAUSE_GEO_FILE', file: bad });
    expect(closings).toHaveBeenCalledTimes(2);
    closings.mockRestore();
    await expect(openGeo(join(folder, 'missing'))).rejects.toThrow(/ENOENT/);
    await expect(openGeo(folder)).rejects.toThrow(GeoFileError);
  });

  it('watches nothing any more when it is closed', async () => {
    const closings = vi.spyOn(WatchedFile.prototype, 'close');
    const geo = await open([await fileOf('City', CITY), await fileOf('ASN', ASN)]);
    expect(closings).not.toHaveBeenCalled();
    geo.close();
    expect(closings).toHaveBeenCalledTimes(2);
    closings.mockRestore();
  });

  it('refuses options that make no sense', async () => {
    const file = await fileOf('City', CITY);
    await expect(openGeo([])).rejects.toThrow(InvalidOptionError);
    await expect(openGeo('')).rejects.toThrow(InvalidOptionError);
    await expect(openGeo(file, { from: 'Vienna' })).rejects.toThrow(InvalidOptionError);
    await expect(openGeo(file, { from: { latitude: 91, longitude: 0 } })).rejects.toThrow(InvalidOptionError);
  });
});

describe('a file that is replaced', () => {
  it('is read again', async () => {
    const file = await fileOf('City', CITY);
    const reloaded = deferred<string>();
    const geo = await open(file, { onReload: reloaded.resolve });
    await fileOf('City', { country: { iso_code: 'CH' } });
    expect(await reloaded.promise).toBe(file);
    expect(geo.locate('203.0.113.9')).toEqual({ country: { code: 'CH' } });
  });

  it('by a broken one goes on as it was, says so, and recovers', async () => {
    const file = await fileOf('City', CITY);
    const failed = deferred<GeoFileError>();
    const reloaded = deferred<string>();
    const geo = await open(file, { onError: failed.resolve, onReload: reloaded.resolve });
    await writeFile(`${file}.new`, 'no database');
    await rename(`${file}.new`, file);
    expect(await failed.promise).toMatchObject({ file, code: 'ERR_NETPAUSE_GEO_FILE' });
    expect(geo.locate('203.0.113.9')?.city).toBe('Vienna');
    expect(geo.databases[0]?.error).toBe(await failed.promise);
    await fileOf('City', { country: { iso_code: 'CH' } });
    await reloaded.promise;
    expect(geo.locate('203.0.113.9')).toEqual({ country: { code: 'CH' } });
    expect(geo.databases[0]).not.toHaveProperty('error');
  });

  it('by nothing goes on as it was', async () => {
    const file = await fileOf('City', CITY);
    const failed = deferred<GeoFileError>();
    const geo = await open(file, { onError: failed.resolve });
    await rm(file);
    expect((await failed.promise).message).toMatch(/ENOENT/);
    expect(geo.locate('203.0.113.9')?.city).toBe('Vienna');
  });

  it('is not read again where that is not wanted, or after close', async () => {
    const file = await fileOf('City', CITY);
    const told: string[] = [];
    const unwatched = await open(file, { watch: false, onReload: () => told.push('unwatched') });
    const closed = await open(file, { onReload: () => told.push('closed') });
    closed.close();
    closed.close();
    const reloaded = deferred<string>();
    await open(file, { onReload: reloaded.resolve });
    await fileOf('City', { country: { iso_code: 'CH' } });
    // By then all three would have been told.
    await reloaded.promise;
    expect(told).toEqual([]);
    for (const geo of [unwatched, closed]) expect(geo.locate('203.0.113.9')?.city).toBe('Vienna');
  });
});

it('a broken record is told of, and leaves its fields absent', async () => {
  const file = await fileOf('broken', Buffer.from('1f04ffffff', 'hex'));
  const errors: GeoFileError[] = [];
  const geo = await open([file, await fileOf('ASN', ASN)], { onError: (error) => errors.push(error) });
  expect(geo.locate('203.0.113.9')).toEqual({ asn: 64_500, asOrganisation: 'Example Net' });
  expect(errors).toMatchObject([{ file, code: 'ERR_NETPAUSE_GEO_FILE' }]);
});

describe('greatCircleDistance', () => {
  const place = (latitude: number, longitude: number) => ({ latitude, longitude });

  it.each([
    ['nowhere', place(10, 20), place(10, 20), 0],
    // A quarter and a half of the circumference of the sphere, 2π · 6371.0087714.
    ['from a pole to the equator', place(90, 0), place(0, 77), 10_007.557],
    ['to the other side of the Earth', place(0, 0), place(0, 180), 20_015.115],
    ['to the other side, askew', place(37.3, -122), place(-37.3, 58), 20_015.115],
    ['one degree along the equator', place(0, 179.5), place(0, -179.5), 111.195],
    // R. W. Sinnott's formula is often shown with these two airports: 36.12° N 86.67° W and 33.94° N 118.40° W, 2886.45 km with R = 6371.0088.
    ['from Nashville to Los Angeles', place(36.12, -86.67), place(33.94, -118.4), 2886.45],
  ])('goes %s', (_, from, to, kilometres) => {
    expect(greatCircleDistance(from, to)).toBeCloseTo(kilometres, 2);
    expect(greatCircleDistance(to, from)).toBeCloseTo(kilometres, 2);
  });

  it('goes from Paris to Washington as J. Meeus has it ("Astronomical Algorithms", example 11.c)', () => {
    const paris = place(48 + 50 / 60 + 11 / 3600, 2 + 20 / 60 + 14 / 3600);
    const washington = place(38 + 55 / 60 + 17 / 3600, -(77 + 3 / 60 + 56 / 3600));
    const distance = greatCircleDistance(paris, washington);
    // An angle of 55.44855°; on the ellipsoid 6181.63 km.
    expect((distance / MEAN_EARTH_RADIUS) * (180 / Math.PI)).toBeCloseTo(55.44855, 5);
    expect(Math.abs(distance / 6181.63 - 1)).toBeLessThan(0.006);
  });

  it('is nothing to the same place, equal both ways, and never more than half of the circumference', () => {
    const places = fc.record({
      latitude: fc.double({ min: -90, max: 90, noNaN: true }),
      longitude: fc.double({ min: -180, max: 180, noNaN: true }),
    });
    fc.assert(
      fc.property(places, places, (from, to) => {
        const there = greatCircleDistance(from, to);
        expect(there).toBeGreaterThanOrEqual(0);
        expect(there).toBeLessThanOrEqual(20_015.1151);
        expect(greatCircleDistance(to, from)).toBeCloseTo(there, 6);
        expect(greatCircleDistance(from, from)).toBe(0);
        // Through the Earth to the other side, the way there is what is left of half of the circumference.
        const opposite = place(-to.latitude, to.longitude > 0 ? to.longitude - 180 : to.longitude + 180);
        expect(there + greatCircleDistance(from, opposite)).toBeCloseTo(20_015.1151, 2);
      }),
    );
  });

  it.each([
    ['pole and pole, whatever the longitudes', place(90, 13), place(-90, -77), 20_015.115],
    ['a pole and itself, whatever the longitudes', place(90, 13), place(90, -77), 0],
    ['the two sides of the date line', place(51, 180), place(51, -180), 0],
  ])('is right between %s', (_, from, to, kilometres) => {
    expect(greatCircleDistance(from, to)).toBeCloseTo(kilometres, 2);
  });
});
