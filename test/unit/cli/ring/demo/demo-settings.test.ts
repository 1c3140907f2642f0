import { describe, expect, it } from 'vitest';
import { settingsOf } from '../../../../../src/cli/ring/demo/demo-settings.js';
import { memberEnv } from '../../../../../src/cli/ring/demo/process-settings.js';
import { memberOptionsFromEnv } from '../../../../../src/ring/index.js';
import { captured } from '../../captured.js';

describe('the settings of a ring demo', () => {
  it('are five members on the usual port, a cable every minute and checks every two seconds', () => {
    expect(settingsOf({})).toEqual({
      sites: ['aden', 'bonn', 'cork', 'doha', 'evora'],
      port: 8_756,
      pullEvery: 60_000,
      isOnce: false,
      duration: Number.POSITIVE_INFINITY,
      pace: { check: 2_000, heartbeat: 500, tcpTimeout: 3_000, httpTimeout: 5_000, silence: 3_500 },
    });
  });

  it('have checks that are short beside the time between two faults', () => {
    expect(settingsOf({ pullEvery: 5_000 }).pace).toMatchObject({ check: 1_000, heartbeat: 250, silence: 2_250 });
    expect(settingsOf({ pullEvery: 45_000 }).pace).toMatchObject({ check: 1_500 });
  });

  it('have longer ones where many members check each other', () => {
    expect(settingsOf({ members: 12 }).pace).toMatchObject({ check: 3_600 });
    expect(settingsOf({ members: 7, pullEvery: 5_000 }).pace).toMatchObject({ check: 1_225 });
  });

  it('name twelve members that can be told apart by their first letter', () => {
    const { sites } = settingsOf({ members: 12 });
    expect(new Set(sites.map(([letter]) => letter)).size).toBe(12);
    expect(Math.max(...sites.map(({ length }) => length))).toBe(5);
  });

  it.each([
    ['--members', '1', '--members must be a whole number from 2 to 12, but is 1'],
    ['--members', '13', '--members must be a whole number from 2 to 12, but is 13'],
    ['--port', '65536', '--port must be a whole number from 0 to 65535, but is 65536'],
    ['--pull-every', '4s', '--pull-every must be at least 5s, but is 4s'],
    ['--duration', '10ms', '--duration must be at least 1s, but is 10ms'],
  ])('%s %s is wrong usage', async (flag, value, complaint) => {
    const { code, stderr } = await captured(['ring', 'demo', flag, value]);
    expect({ code, stderr }).toEqual({ code: 2, stderr: `netpause: ${complaint}\n` });
  });
});

describe('the help of a ring demo', () => {
  it('has examples, fits a terminal, and does not name what is not for people', async () => {
    const { code, stdout } = await captured(['ring', 'demo', '--help']);
    expect(code).toBe(0);
    expect(stdout).toMatch(/\nExamples:\n {2}\$ \S/);
    expect(stdout.split('\n').filter((line) => line.length > 80)).toEqual([]);
    expect((await captured(['ring', '--help'])).stdout).not.toContain('demo-process');
    expect((await captured(['completion', 'bash'])).stdout).not.toContain('demo-process');
  });
});

describe('the environment of a member', () => {
  const { pace } = settingsOf({ pullEvery: 5_000 });
  const place = { site: 'aden', registryUrl: 'http://198.51.100.2:8756', host: '198.51.100.6', port: 8_757 };

  it('is understood by members', () => {
    const env = memberEnv({ ...place, token: 'x'.repeat(32), checkHost: '203.0.113.1' }, pace);
    expect(memberOptionsFromEnv(env)).toMatchObject({
      location: 'aden',
      instanceId: 'aden',
      registryUrl: ['http://198.51.100.2:8756'],
      token: 'x'.repeat(32),
      checkHosts: ['203.0.113.1'],
      checkInterval: 1_000,
      heartbeatInterval: 250,
      tcpTimeout: 3_000,
      httpTimeout: 5_000,
    });
  });

  it('holds no token and no check host where none is needed', () => {
    expect(Object.keys(memberEnv(place, pace)).filter((name) => /TOKEN|CHECK_HOSTS/.test(name))).toEqual([]);
  });
});
