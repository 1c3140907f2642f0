import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { InvalidOptionError } from '../../../../src/errors/index.js';
import { toJsonLine, toLineProtocol } from '../../../../src/probes/exporters/index.js';
import type { ProbeResult } from '../../../../src/probes/result.js';
import { ANNOTATED, BANDWIDTH, DNS, HOST, HTTP, INCONCLUSIVE, makeResult, makeTrace, PING, TRACE } from './results.js';

/** Wherever somebody may see the end of a line, and characters that are none. */
const SPLITS_LINES = /[\p{Cc}\u2028\u2029]|\p{Surrogate}/u;

const text = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.string({ unit: fc.constantFrom(...'\\", =\n\r\t\0#\u0085\u2028\ud800a') }),
);
const anyResult: fc.Arbitrary<ProbeResult> = fc.record({
  probe: text,
  target: text,
  status: fc.constantFrom('ok', 'failed', 'inconclusive'),
  reason: text,
  message: text,
  startedAt: fc.integer({ min: 0, max: 4e12 }),
  duration: fc.double(),
  samples: fc.array(fc.double()),
  timings: fc.dictionary(text, fc.double()),
  facts: fc.dictionary(text, fc.jsonValue()),
});

describe('toLineProtocol', () => {
  it('is one line, in the order of the protocol', () => {
    expect(toLineProtocol(makeResult())).toBe(
      'netpause_probe,probe=tcp,target=192.0.2.1:443 ' +
        'success=1i,status="ok",address="192.0.2.1",duration_ms=12.5,rtt_count=1i,rtt_min_ms=12,rtt_avg_ms=12,rtt_max_ms=12,phase_connect_ms=12 ' +
        '1700000000123000000',
    );
  });

  it('flattens facts: numbers, booleans and short texts by their names, lists by how many there are', () => {
    expect(toLineProtocol(PING)).toContain(
      'fact_errors_count=0i,fact_jitter=0.5,fact_loss=0.25,fact_method="icmp-raw",fact_path_mtu=1500,fact_received=3,fact_rtt_avg=2.5,fact_rtt_min=1,fact_sent=4 ',
    );
    expect(toLineProtocol(HTTP)).toContain('fact_tls_authorized=true,fact_tls_certificate_alt_names_count=1i,');
    expect(toLineProtocol(HTTP)).toContain('fact_headers_content-type="text/html"');
    expect(toLineProtocol(DNS)).toContain('success=0i,status="failed",failure_source="target",reason="nxdomain"');
    expect(
      toLineProtocol(makeResult({ facts: { long: 'a'.repeat(257), nothing: null, of: undefined } })),
    ).not.toContain('fact_');
  });

  it('has each hop, file system and interface by its name, after everything else', () => {
    const trace = toLineProtocol(TRACE);
    expect(trace).toContain(',fact_hops_count=4i,fact_method="udp",');
    expect(trace).toContain(
      ',fact_hops_1_addresses_count=1i,fact_hops_1_addresses="198.51.100.1",fact_hops_1_loss=0,fact_hops_1_received=2,fact_hops_1_rtt_avg=1,',
    );
    expect(trace).toContain(',fact_hops_2_addresses_count=0i,fact_hops_2_loss=1,');
    const host = toLineProtocol(HOST);
    expect(host).toContain(',fact_memory_total=8000,');
    expect(host).toContain(',fact_disks___available=40,fact_disks___device="/dev/sda1",');
    expect(host).toContain(',fact_disks__gone_error="timeout",fact_disks__gone_path="/gone",');
    expect(host).toContain(',fact_interfaces_eth0_counters_rx_bytes=1000,');
    expect(host.indexOf(',fact_uptime=')).toBeLessThan(host.indexOf(',fact_disks__'));
  });

  it('has bandwidth and annotations as they are', () => {
    expect(toLineProtocol(BANDWIDTH)).toMatch(
      /,fact_download_bits_per_second=80000000,.*,fact_download_tcp_retransmits=7,fact_link="eth0",/,
    );
    expect(toLineProtocol(ANNOTATED)).toMatch(
      /,fact_availability_availability=0\.99,.*,fact_geo_country_code="DE",.*,fact_scores_service_quality=94,.*,fact_voice_g711-plc_mos=4\.\d+,/,
    );
  });

  it('has 256 fields at most, and loses nothing else to a long list', () => {
    const line = toLineProtocol(
      makeTrace(
        Array.from({ length: 255 }, () => '192.0.2.1'),
        { pathId: 'x' },
      ),
    );
    expect(line.match(/,?[^ ,=]+=/g)?.length).toBe(256 + 2);
    expect(line).toContain(',fact_path_id="x",');
  });

  it('keeps no item of a list whose name is none', () => {
    const interfaces = [{ name: 'a'.repeat(257), x: 1 }, { x: 2 }, 'eth0', null, { name: 'a,b c', x: 3 }];
    expect(toLineProtocol({ ...HOST, facts: { interfaces } })).toMatch(
      /,fact_interfaces_count=5i,fact_interfaces_a_b_c_name="a,b c",fact_interfaces_a_b_c_x=3 \d+$/,
    );
  });

  it('has the same type of each field, whatever the engine', () => {
    const types = new Map<string, string>();
    for (const result of [TRACE, makeTrace([['a', 'b'], null]), BANDWIDTH, HOST, ANNOTATED, PING, HTTP, DNS]) {
      const fields =
        toLineProtocol(result).match(/(?<=[ ,])[a-z]\w*[^ =,]*=("[^"]*"|-?[\d.e+-]+i?|true|false)(?=[, ])/g) ?? [];
      expect(fields.length).toBeGreaterThan(8);
      for (const field of fields) {
        const [name = '', value = ''] = field.split(/=(.*)/s);
        const type = value.startsWith('"')
          ? 'text'
          : value.endsWith('i')
            ? 'integer'
            : /^[tf]/.test(value)
              ? 'boolean'
              : 'float';
        expect(`${name} ${types.get(name) ?? type}`).toBe(`${name} ${type}`);
        types.set(name, type);
      }
    }
  });

  it('escapes what would end a text, a tag or a name', () => {
    const line = toLineProtocol(makeResult({ target: 'a,b c=d\\e', reason: 'a"b\\c\n', facts: { 'a b"c\\': 1 } }));
    expect(line).toContain(',target=a\\,b\\ c\\=d\\e ');
    expect(line).toContain(',reason="a\\"b\\\\c\\\\n",');
    expect(line).toContain(',fact_a_b_c_=1 ');
  });

  it('has no success while it is inconclusive', () => {
    expect(toLineProtocol(makeResult({ ...INCONCLUSIVE, offline: 'no-carrier' }))).toMatch(
      / status="inconclusive",failure_source="local",reason="offline",message="down",offline="no-carrier",/,
    );
  });

  it('leaves out what is no number, and no password of a URL', () => {
    const line = toLineProtocol({ ...HTTP, duration: Number.NaN, timings: { connect: Number.POSITIVE_INFINITY } });
    expect(line).not.toMatch(/NaN|Infinity|secret|phase_|duration_ms/);
  });

  it.each([
    ['ns', '1700000000123000000'],
    ['us', '1700000000123000'],
    ['ms', '1700000000123'],
    ['s', '1700000000'],
  ] as const)('tells the time in %s', (precision, time) => {
    expect(toLineProtocol(makeResult(), { precision }).endsWith(` ${time}`)).toBe(true);
  });

  it('takes a measurement and tags of the user, sorted, and leaves out empty ones', () => {
    const line = toLineProtocol(makeResult({ facts: {} }), {
      measurement: 'my, m',
      tags: { z: 'a b', 'a=b': 'c,d', e: '', f: '\\' },
    });
    expect(line.startsWith('my\\,\\ m,a\\=b=c\\,d,probe=tcp,target=192.0.2.1:443,z=a\\ b ')).toBe(true);
  });

  it.each([
    { measurement: '' },
    { measurement: '#a' },
    { measurement: 'a\nb' },
    { measurement: 'a\\b' },
    { measurement: '\\' },
    { tags: { time: 'a' } },
    { tags: { probe: 'a' } },
    { tags: { 'a\\b': 'a' } },
    { tags: { '': 'a' } },
    { tags: { a: 1 } },
    { precision: 'm' },
    { nothing: 1 },
  ])('refuses %j', (options) => {
    expect(() => toLineProtocol(makeResult(), Object(options))).toThrow(InvalidOptionError);
  });

  it('is one line of the same fields, whatever is in it', () => {
    fc.assert(
      fc.property(anyResult, text, (result, tag) => {
        const line = toLineProtocol(result, { tags: { own: tag } });
        expect(line).not.toMatch(SPLITS_LINES);
        expect(line).toMatch(/^netpause_probe(,(own|probe|target)=(\\[,= ]|[^,= ])+)* (success=[01]i,)?status="/);
        expect(line).toMatch(/ \d+$/);
        expect(toLineProtocol(structuredClone(result), { tags: { own: tag } })).toBe(line);
      }),
      { numRuns: 500 },
    );
  });
});

describe('toJsonLine', () => {
  it('has its fields in an order of their own', () => {
    const { facts, ...rest } = makeResult({ facts: { b: { d: 1, c: [{ f: 1, e: 2 }] }, a: 1 } });
    const line = toJsonLine({ facts, ...Object.fromEntries(Object.entries(rest).reverse()) } as ProbeResult);
    expect(line).toBe(
      '{"probe":"tcp","target":"192.0.2.1:443","status":"ok","address":"192.0.2.1","startedAt":1700000000123,"duration":12.5,"samples":[12],"timings":{"connect":12},"facts":{"a":1,"b":{"c":[{"e":2,"f":1}],"d":1}}}',
    );
  });

  it('says of an object with a text of its own what JSON does', () => {
    const since = new Date(0);
    expect(toJsonLine(makeResult({ facts: { since } }))).toContain('"facts":{"since":"1970-01-01T00:00:00.000Z"}');
  });

  it('says the same as the result', () => {
    for (const result of [PING, DNS, TRACE, BANDWIDTH, HOST, ANNOTATED, makeResult(INCONCLUSIVE)])
      expect(JSON.parse(toJsonLine(result))).toEqual(result);
    expect(toJsonLine(HTTP)).not.toContain('secret');
  });

  it('is one line that says the same, whatever is in it', () => {
    fc.assert(
      fc.property(anyResult, (result) => {
        const line = toJsonLine({ ...result, target: 'x' });
        expect(line).not.toMatch(SPLITS_LINES);
        expect(JSON.parse(line)).toEqual(JSON.parse(JSON.stringify({ ...result, target: 'x' })));
      }),
      { numRuns: 500 },
    );
  });

  it('holds keys of any name, and numbers that JSON does not have', () => {
    const facts = JSON.parse('{"__proto__": {"x": 1}, "constructor": 2}');
    expect(toJsonLine(makeResult({ facts }))).toContain('"facts":{"__proto__":{"x":1},"constructor":2}');
    expect(toJsonLine(makeResult({ facts: { big: 2n ** 70n, none: Number.NaN } }))).toContain(
      '{"big":"1180591620717411303424","none":null}',
    );
  });
});
