import { readdirSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { geoFacts } from '../../../../src/probes/geo/geo-facts.js';
import { Mmdb } from '../../../../src/probes/geo/mmdb.js';
import { MmdbFormatError } from '../../../../src/probes/geo/mmdb-decoder.js';

/** A checkout of https://github.com/maxmind/MaxMind-DB, whose test data do not come along with this project. */
const DATA = process.env['MMDB_TEST_DATA'];

describe.skipIf(DATA === undefined)(
  'the public test data (MMDB_TEST_DATA names a checkout of maxmind/MaxMind-DB)',
  () => {
    const folder = DATA ?? '';

    it.each([
      'GeoIP2-City-Test',
      'GeoIP2-Country-Test',
      'GeoIP2-Enterprise-Test',
      'GeoIP2-ISP-Test',
      'GeoLite2-ASN-Test',
      'GeoLite2-City-Test',
      'GeoLite2-Country-Test',
    ])('%s has what its source says', async (name) => {
      const mmdb = new Mmdb(await readFile(join(folder, 'test-data', `${name}.mmdb`)));
      const networks = networksOf(JSON.parse(await readFile(join(folder, 'source-data', `${name}.json`), 'utf8')));
      expect(networks.length).toBeGreaterThan(0);
      const twice = new Set<string>();
      const seen = new Set<string>();
      for (const [network] of networks) (seen.has(addressOf(network)) ? twice : seen).add(addressOf(network));
      for (const [network, record] of networks) {
        const address = addressOf(network);
        // A smaller network within this one may say otherwise.
        if (twice.has(address)) continue;
        const match = mmdb.lookUp(address);
        expect(match && geoFacts(match.value, 'en'), `${name} ${network}`).toMatchObject(expected(record));
      }
    });

    it('has for 6to4, Teredo and mapped addresses what it has for the IPv4 address within', async () => {
      const mmdb = new Mmdb(await readFile(join(folder, 'test-data', 'GeoIP2-City-Test.mmdb')));
      const plain = mmdb.lookUp('81.2.69.142')?.value;
      expect(plain && geoFacts(plain, 'en')).toMatchObject({ city: 'London' });
      for (const alias of ['::ffff:81.2.69.142', '::81.2.69.142', '2002:5102:458e::1', '2001:0:5102:458e::']) {
        expect(mmdb.lookUp(alias)?.value, alias).toEqual(plain);
      }
    });

    it('that is bad gives a typed error, or none where nothing touches what is bad', async () => {
      const bad = readdirSync(join(folder, 'bad-data'), { recursive: true }).map(String);
      const files = bad.filter((name) => name.endsWith('.mmdb')).map((name) => join(folder, 'bad-data', name));
      expect(files.length).toBeGreaterThan(10);
      const errors: unknown[] = [];
      for (const file of files) {
        try {
          const mmdb = new Mmdb(await readFile(file));
          for (const address of ['1.1.1.1', '192.0.2.1', '2001:db8::1', '::', 'ff00::1']) mmdb.lookUp(address);
        } catch (error) {
          errors.push(error);
        }
      }
      expect(errors.length).toBeGreaterThan(0.8 * files.length);
      expect(errors.filter((error) => !(error instanceof MmdbFormatError))).toEqual([]);
    });
  },
);

function networksOf(source: unknown): readonly (readonly [network: string, record: unknown])[] {
  return Array.isArray(source) ? source.flatMap((each: unknown) => Object.entries(Object(each))) : [];
}

/** IPv4 stands there as `::1.2.3.0/120`. */
function addressOf(network: string): string {
  const [address = ''] = network.split('/');
  return /^::(\d+\.\d+\.\d+\.\d+)$/.exec(address)?.[1] ?? address;
}

/** Some facts, read in another way than the code does. */
function expected(record: unknown): object {
  const at = (...path: readonly string[]) => path.reduce<unknown>((value, name) => Object(value)[name], record);
  const facts = {
    city: at('city', 'names', 'en'),
    latitude: at('location', 'latitude'),
    longitude: at('location', 'longitude'),
    timeZone: at('location', 'time_zone'),
    isp: at('isp') ?? at('traits', 'isp'),
    asn: at('autonomous_system_number') ?? at('traits', 'autonomous_system_number'),
    ...(at('country', 'iso_code') !== undefined && { country: { code: at('country', 'iso_code') } }),
  };
  return Object.fromEntries(Object.entries(facts).filter(([, value]) => value !== undefined));
}
