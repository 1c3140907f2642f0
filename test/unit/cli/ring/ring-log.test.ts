import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { RingLog } from '../../../../src/cli/ring/ring-log.js';

const HOSTILE = 'dc1\n2026-01-01 info  all is well\u001b[2J\u009b2J\u202e\u2028';

describe('the log of a ring', () => {
  let output: { stdout: string; stderr: string };

  beforeEach(() => {
    output = { stdout: '', stderr: '' };
    for (const name of ['stdout', 'stderr'] as const) {
      vi.spyOn(process[name], 'write').mockImplementation((text) => {
        output[name] += text;
        return true;
      });
    }
  });
  afterEach(() => vi.restoreAllMocks());

  it('is one line of text for each thing, with time and level, on standard error', () => {
    const log = new RingLog({ level: 'info', json: false });
    log.write('info', 'member joined', { id: 'm1', location: 'Berlin Mitte', port: 8757, reason: undefined });
    log.write('warn', 'Redis is away', {}, new Error('connect ECONNREFUSED'));
    const stamp = '\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d\\.\\d{3}Z';
    expect(output.stderr).toMatch(
      new RegExp(
        `^${stamp} info  member joined id=m1 location="Berlin Mitte" port=8757\n${stamp} warn  Redis is away error="Error: connect ECONNREFUSED"\n$`,
      ),
    );
    expect(output.stdout).toBe('');
  });

  it('as JSON is one object on each line of standard output, and nothing else anywhere', () => {
    const log = new RingLog({ level: 'info', json: true });
    log.announce(['listening on http://127.0.0.1:8756'], 'registry started', { url: 'http://127.0.0.1:8756' });
    log.write('warn', 'Redis is away', {}, new Error('connect ECONNREFUSED'));
    expect(output.stderr).toBe('');
    expect(
      output.stdout
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line)),
    ).toEqual([
      { time: expect.any(String), level: 'info', message: 'registry started', url: 'http://127.0.0.1:8756' },
      { time: expect.any(String), level: 'warn', message: 'Redis is away', error: 'Error: connect ECONNREFUSED' },
    ]);
  });

  it.each([false, true])('lets no stranger write a line or move the cursor (JSON: %s)', (json) => {
    new RingLog({ level: 'info', json }).write('info', 'member joined', { location: HOSTILE });
    const written = output.stdout + output.stderr;
    expect(written.trimEnd()).toMatch(/^[^\p{C}\p{Zl}\p{Zp}]+$/u);
    if (json) expect(JSON.parse(written)).toMatchObject({ location: HOSTILE });
  });

  it('leaves out what matters less than its level, and never what is announced', () => {
    const log = new RingLog({ level: 'warn', json: false });
    log.write('info', 'member joined');
    log.logger({ level: 'debug', message: 'bandwidth test refused', fields: {} });
    log.logger({ level: 'error', message: 'task failed', fields: { task: 'heartbeat' } });
    log.announce(['stopped'], 'stopped');
    expect(output.stderr).toMatch(/^\S+ error task failed task=heartbeat\nnetpause: stopped\n$/);
  });

  it('shows nothing of a URL that nobody else should see', () => {
    const log = new RingLog({ level: 'info', json: false });
    log.write('warn', 'Redis is away', {}, new Error('redis://user:secret@192.0.2.1:6379 does not answer'));
    expect(output.stderr).toContain('redis://192.0.2.1:6379');
    expect(output.stderr).not.toContain('secret');
  });
});
