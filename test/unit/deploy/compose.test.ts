import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { DEPLOY, documentsOf, flagsOf, textOf } from './files.js';
import { knownFlags } from './known-flags.js';

const HEALTH = z.strictObject({
  test: z.array(z.string()).min(2),
  interval: z.string().regex(/^\d+s$/),
  timeout: z.string().regex(/^\d+s$/),
  retries: z.int().positive(),
  start_period: z.string().optional(),
});

/** Of the Compose specification, the keys that are used. */
const SERVICE = z.strictObject({
  build: z.strictObject({ context: z.string(), dockerfile: z.string() }).optional(),
  image: z.string().regex(/:[\w.-]+$/),
  command: z.array(z.string()).optional(),
  environment: z.record(z.string(), z.string()).optional(),
  restart: z.literal('unless-stopped'),
  init: z.boolean().optional(),
  read_only: z.boolean().optional(),
  cap_drop: z.array(z.string()).optional(),
  cap_add: z.array(z.string()).optional(),
  security_opt: z.array(z.string()),
  mem_limit: z.string(),
  pids_limit: z.int().optional(),
  secrets: z.array(z.string()).optional(),
  sysctls: z.record(z.string(), z.string()).optional(),
  networks: z.array(z.string()),
  ports: z.array(z.string()).optional(),
  volumes: z.array(z.string()).optional(),
  depends_on: z.record(z.string(), z.strictObject({ condition: z.literal('service_healthy') })).optional(),
  healthcheck: HEALTH.optional(),
});

const COMPOSE = z.object({
  name: z.string(),
  services: z.record(z.string(), SERVICE),
  networks: z.record(z.string(), z.strictObject({ internal: z.boolean().optional() })),
  volumes: z.record(z.string(), z.strictObject({})),
  secrets: z.record(z.string(), z.strictObject({ file: z.string() })),
});

describe('the Compose file', () => {
  const compose = COMPOSE.parse(documentsOf('compose/compose.yaml')[0]);
  const services = Object.entries(compose.services);

  it('has the registry, Redis, members, Prometheus and Grafana', () => {
    const names = services.map(([name]) => name);
    expect(names).toEqual(expect.arrayContaining(['registry', 'redis', 'prometheus', 'grafana']));
    expect(names.filter((name) => name.startsWith('member-'))).toHaveLength(3);
  });

  it('names nothing that is not there', () => {
    for (const [, { networks, secrets = [], depends_on: needed = {}, volumes = [], build }] of services) {
      expect(Object.keys(compose.networks)).toEqual(expect.arrayContaining(networks));
      expect(Object.keys(compose.secrets)).toEqual(expect.arrayContaining(secrets));
      for (const name of Object.keys(needed)) expect(compose.services[name]?.healthcheck).toBeDefined();
      for (const source of volumes.map((each) => each.split(':')[0] ?? '')) {
        const isThere = source.startsWith('.')
          ? existsSync(join(DEPLOY, 'compose', source))
          : source in compose.volumes;
        expect([source, isThere]).toEqual([source, true]);
      }
      if (build !== undefined)
        expect(existsSync(resolve(DEPLOY, 'compose', build.context, build.dockerfile))).toBe(true);
    }
  });

  it('publishes ports on loopback alone, and Redis nowhere', () => {
    const ports = services.flatMap(([, { ports: published = [] }]) => published);
    expect(ports.filter((port) => !port.startsWith('127.0.0.1:'))).toEqual([]);
    expect(compose.services['redis']).toMatchObject({ networks: ['store'] });
    expect(compose.networks['store']).toEqual({ internal: true });
  });

  it('runs commands that there are', () => {
    const commands = services.flatMap(([, { command = [] }]) => (command[0] === 'ring' ? [flagsOf(command)] : []));
    expect(commands).toHaveLength(4);
    for (const { command, flags } of commands) expect(knownFlags(command)).toEqual(expect.arrayContaining([...flags]));
  });

  it('has members of whom each is another, and scrapes all of them', () => {
    const members = services.filter(([name]) => name.startsWith('member-'));
    const ids = members.map(([, { environment }]) => environment?.['NETRING_INSTANCE_ID']);
    expect(new Set(ids).size).toBe(members.length);
    for (const [name] of members) expect(textOf('compose/prometheus.yml')).toContain(`"${name}:8757"`);
  });
});

describe('the configuration of Prometheus', () => {
  it.skipIf(!existsSync('/usr/bin/promtool'))('is accepted by promtool, with the rules of the ring', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'netpause-deploy-'));
    try {
      await cp(`${DEPLOY}compose/prometheus.yml`, join(folder, 'prometheus.yml'));
      await cp(`${DEPLOY}../ring/prometheus`, join(folder, 'ring'), { recursive: true });
      const { stdout } = await promisify(execFile)('promtool', ['check', 'config', join(folder, 'prometheus.yml')]);
      expect(stdout).toMatch(/rule files found[\s\S]*SUCCESS: \d+ rules found/);
    } finally {
      await rm(folder, { recursive: true });
    }
  });
});

describe('the Dockerfile', () => {
  const text = textOf('Dockerfile');

  it('builds in stages, and runs as somebody who is not root', () => {
    expect([...text.matchAll(/^FROM (\S+)/gm)].map(([, image]) => image)).toEqual(
      Array(3).fill('node:22-bookworm-slim'),
    );
    const last = text.slice(text.lastIndexOf('\nFROM '));
    expect(last).toMatch(/^USER 1000:1000$/m);
    expect(last).not.toMatch(/^COPY \. /m);
  });

  it('runs the command that the package has', async () => {
    const { bin, name } = z
      .object({ name: z.string(), bin: z.record(z.string(), z.string()) })
      .parse(documentsOf('../../package.json')[0]);
    const [, path] = /^ENTRYPOINT \["node", "([^"]+)"\]$/m.exec(text) ?? [];
    expect(path).toBe(join('/opt/netpause/node_modules', name, bin[name] ?? ''));
  });
});
