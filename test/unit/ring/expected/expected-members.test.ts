import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { InvalidOptionError } from '../../../../src/errors/index.js';
import { readExpectedMembers } from '../../../../src/ring/expected/index.js';

const FULL = `
expected_members:
  locations:
    US1: { expected_count: 1, criticality: "high", grace_period: 300, description: "US East" }
    DEV: { expected_count: 0, criticality: low }
  settings:
    check_interval: 30
    location_establishment_time: 0
    alerts: { critical_missing_threshold: 2, total_missing_threshold: 5 }
    ui: { show_missing_grace_period: 10, missing_member_highlight: false, expected_vs_actual_display: false }
`;

const read = (yaml: string) => readExpectedMembers(parse(yaml));
const location = (fields: string) => read(`expected_members: { locations: { EU1: { ${fields} } } }`);

function complaint(yaml: string): InvalidOptionError {
  try {
    read(yaml);
  } catch (error) {
    if (error instanceof InvalidOptionError) return error;
    throw error;
  }
  throw new Error('it was accepted');
}

describe('a file of expected members', () => {
  it('is read with its own names, and its seconds as milliseconds', () => {
    expect(read(FULL)).toEqual({
      locations: [
        { location: 'US1', count: 1, criticality: 'high', gracePeriod: 300_000, description: 'US East' },
        { location: 'DEV', count: 0, criticality: 'low', gracePeriod: 300_000, description: 'DEV' },
      ],
      checkInterval: 30_000,
      establishmentTime: 0,
      criticalMissingThreshold: 2,
      totalMissingThreshold: 5,
      display: { recentlyOffline: 10_000, highlightMissing: false, showCounts: false },
    });
  });

  it('has defaults for what is left out or empty', () => {
    const defaults = {
      locations: [],
      checkInterval: 60_000,
      establishmentTime: 3_600_000,
      criticalMissingThreshold: 1,
      totalMissingThreshold: 3,
      display: { recentlyOffline: 60_000, highlightMissing: true, showCounts: true },
    };
    expect(read('expected_members: { locations: {} }')).toEqual(defaults);
    expect(read('expected_members: { locations: {}, settings: }')).toEqual(defaults);
    expect(read('expected_members: { locations: {}, settings: { alerts: , ui: , check_interval: } }')).toEqual(
      defaults,
    );
    expect(location('expected_count: 3, criticality: medium, grace_period:').locations).toEqual([
      { location: 'EU1', count: 3, criticality: 'medium', gracePeriod: 300_000, description: 'EU1' },
    ]);
  });

  it.each([
    ['[]', 'the file'],
    ['7', 'the file'],
    ['{}', 'expected_members'],
    ['expected_members:', 'expected_members'],
    ['expected_members: {}', 'expected_members.locations'],
    ['expected_members: { locations: [] }', 'expected_members.locations'],
    ['expected_members: { locations: {}, loactions: {} }', 'expected_members.loactions'],
    ['{ expected_members: { locations: {} }, other: 1 }', 'other'],
    ['expected_members: { locations: { EU1: } }', 'expected_members.locations.EU1'],
    ['expected_members: { locations: { EU1: 3 } }', 'expected_members.locations.EU1'],
    [
      'expected_members: { locations: { EU1: { criticality: high } } }',
      'expected_members.locations.EU1.expected_count',
    ],
    ['expected_members: { locations: { EU1: { expected_count: 1 } } }', 'expected_members.locations.EU1.criticality'],
    [
      'expected_members: { locations: { "a: b": { expected_count: -1 } } }',
      'expected_members.locations["a: b"].expected_count',
    ],
    ['expected_members: { locations: { "a\\nb": { expected_count: 1 } } }', 'expected_members.locations["a\\nb"]'],
    ['expected_members: { locations: { "": { expected_count: 1 } } }', 'expected_members.locations[""]'],
    ['expected_members: { locations: {}, settings: 3 }', 'expected_members.settings'],
    [
      'expected_members: { locations: {}, settings: { check_interval: 0 } }',
      'expected_members.settings.check_interval',
    ],
    [
      'expected_members: { locations: {}, settings: { alerts: { total_missing_threshold: 0 } } }',
      'expected_members.settings.alerts.total_missing_threshold',
    ],
    [
      'expected_members: { locations: {}, settings: { ui: { missing_member_highlight: 1 } } }',
      'expected_members.settings.ui.missing_member_highlight',
    ],
    ['expected_members: { locations: {}, settings: { toString: 1 } }', 'expected_members.settings.toString'],
  ])('is refused with the path of what is wrong: %s', (yaml, path) => {
    expect(complaint(yaml).option).toBe(path);
    expect(complaint(yaml).message.startsWith(`${path} must be `)).toBe(true);
  });

  it.each([
    'expected_count: 1.5, criticality: high',
    'expected_count: 10001, criticality: high',
    'expected_count: "1", criticality: high',
    'expected_count: 1, criticality: urgent',
    'expected_count: 1, criticality: High',
    'expected_count: 1, criticality: high, grace_period: -1',
    'expected_count: 1, criticality: high, grace_period: .nan',
    'expected_count: 1, criticality: high, grace_period: .inf',
    'expected_count: 1, criticality: high, grace_period: 5m',
    'expected_count: 1, criticality: high, description: 7',
  ])('is refused for a location with %s', (fields) => {
    expect(() => location(fields)).toThrow(InvalidOptionError);
  });

  it('may have locations named like parts of JavaScript', () => {
    const names = ['__proto__', 'constructor', 'toString'];
    const lines = names.map((name) => `    ${name}: { expected_count: 1, criticality: high }`);
    const { locations } = read(`expected_members:\n  locations:\n${lines.join('\n')}`);
    expect(locations.map((each) => each.location)).toEqual(names);
  });

  it('may not have more locations than anybody has', () => {
    const many = Array.from({ length: 10_001 }, (_, index) => [`L${index}`, { expected_count: 1, criticality: 'low' }]);
    const file = { expected_members: { locations: Object.fromEntries(many) } };
    expect(() => readExpectedMembers(file)).toThrow('expected_members.locations must be at most 10000 locations');
  });

  it('may not expect more members than a ring has', () => {
    const crowd = { expected_count: 6_000, criticality: 'low' };
    const file = { expected_members: { locations: { A: crowd, B: crowd } } };
    expect(() => readExpectedMembers(file)).toThrow('expected_members.locations must be at most 10000 members');
  });

  it('may not expect anybody where nobody could register: half a surrogate pair is no location', () => {
    const locations = { '\ud800': { expected_count: 1, criticality: 'low' } };
    expect(() => readExpectedMembers({ expected_members: { locations } })).toThrow(InvalidOptionError);
  });
});
