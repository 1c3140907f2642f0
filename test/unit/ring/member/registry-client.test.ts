import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { ResolveHost } from '../../../../src/probes/index.js';
import { RegistryClient } from '../../../../src/ring/member/registry-client.js';
import { FakeRegistry, sendJson } from './fake-registry.js';

const { signal } = new AbortController();

/** Every name is this host. */
const resolve: ResolveHost = async () => ({ addresses: ['127.0.0.1'] });

describe('who speaks with registries', () => {
  let first: FakeRegistry;
  let second: FakeRegistry;

  beforeEach(async () => {
    [first, second] = await Promise.all([FakeRegistry.start(), FakeRegistry.start()]);
    for (const registry of [first, second]) registry.add({ instance_id: 'me', port: 1 });
  });

  afterEach(async () => {
    vi.useRealTimers();
    await Promise.all([first.close(), second.close()]);
  });

  const client = (urls = [first.url, second.url]) =>
    new RegistryClient({ urls, token: () => undefined, connectTimeout: 5_000, resolve });

  it('finds the one that answers, also where much is asked at once', async () => {
    await first.close();
    const asked = client();
    const heartbeats = Array.from({ length: 8 }, () => asked.heartbeat('me', signal));
    await expect(Promise.all(heartbeats)).resolves.toEqual(heartbeats.map(() => 'known'));
    expect(asked.url).toBe(second.url);
  });

  it.each([500, 502, 503, 504])('asks the next one where one answers %d', async (status) => {
    first.misbehaviours.set('/heartbeat', (_request, response) => sendJson(response, status, { error: 'no' }));
    const asked = client();
    await expect(asked.heartbeat('me', signal)).resolves.toBe('known');
    expect(asked.url).toBe(second.url);
  });

  it('tells what the last one said where none has a better answer', async () => {
    for (const registry of [first, second]) {
      registry.misbehaviours.set('/heartbeat', (_request, response) => sendJson(response, 503, { error: 'no room' }));
    }
    await expect(client().heartbeat('me', signal)).rejects.toMatchObject({ status: 503 });
    expect([first, second].map((registry) => registry.count('POST /heartbeat'))).toEqual([1, 1]);
  });

  it('knows when a registry answered last, whatever it was asked for', async () => {
    vi.useFakeTimers({ toFake: ['Date'], now: 1_000 });
    const asked = client([first.url]);
    expect(asked.lastAnswer).toBeUndefined();
    const questions = [
      () => asked.register({ instance_id: 'me', location: 'here', ip: '127.0.0.1', port: 1 }, signal),
      () => asked.heartbeat('me', signal),
      () => asked.members(signal),
      () => asked.report(JSON.stringify({ instance_id: 'me', metrics: {} }), signal),
    ];
    for (const [index, ask] of questions.entries()) {
      vi.setSystemTime(2_000 + index);
      await ask();
      expect(asked.lastAnswer).toBe(2_000 + index);
    }
  });

  it('does not take for an answer what no registry says', async () => {
    first.misbehaviours.set('/heartbeat', (_request, response) => response.end('<h1>Welcome to the hotel</h1>'));
    const asked = client([first.url]);
    await expect(asked.heartbeat('me', signal)).rejects.toMatchObject({ status: 502 });
    await first.close();
    await expect(asked.members(signal)).rejects.toMatchObject({ code: 'ECONNREFUSED' });
    expect(asked.lastAnswer).toBeUndefined();
  });

  it('finds names by the given look-up, and no other', async () => {
    const asked = client([first.url.replace('127.0.0.1', 'registry.example')]);
    await expect(asked.heartbeat('me', signal)).resolves.toBe('known');
    const nobody: ResolveHost = () => Promise.reject(Object.assign(new Error('no such name'), { code: 'ENOTFOUND' }));
    const lost = new RegistryClient({
      urls: ['http://localhost:1'],
      token: () => undefined,
      connectTimeout: 5_000,
      resolve: nobody,
    });
    await expect(lost.heartbeat('me', signal)).rejects.toMatchObject({ code: 'ENOTFOUND' });
  });

  it.each([
    ['lists', `{"members":${'['.repeat(500_000)}${']'.repeat(500_000)}}`],
    ['objects', `{"members":[${'{"a":'.repeat(200_000)}1${'}'.repeat(200_000)}]}`],
    ['members', `{"members":[${'{},'.repeat(200_000)}{}]}`],
  ])('reads no answer of more %s than members can have', async (_what, text) => {
    first.misbehaviours.set('/members', (_request, response) => response.end(text));
    await expect(client([first.url]).members(signal)).rejects.toMatchObject({ status: 502 });
  });

  it('reads the names of members whatever stands in them', async () => {
    first.add({ instance_id: '[{'.repeat(64), location: `\\"${'{['.repeat(60)}`, port: 1 });
    for (let index = 0; index < 500; index += 1) first.add({ instance_id: `${'['.repeat(120)}${index}`, port: 1 });
    await expect(client([first.url]).members(signal)).resolves.toHaveLength(502);
  });
});
