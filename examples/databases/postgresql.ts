import { execFileSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { appendFileSync, existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import pg from 'pg';
import { createRetryer, NetworkMonitor, type RetryOptions } from '../../src/index.js';
import { type ClientStage, play } from '../stage/index.js';

/**
 * Orders into PostgreSQL, while the cable is pulled:
 *
 *     npx tsx examples/databases/postgresql.ts
 */
await play(import.meta.url, { port: 5432, server: { command }, client: work });

async function work({ host, port, say, loseNetwork }: ClientStage): Promise<void> {
  await using monitor = new NetworkMonitor({ checkHosts: [host], checkPorts: [port] });
  await monitor.start();

  const pool = new pg.Pool({ host, port, user: 'postgres', database: 'postgres', connectionTimeoutMillis: 1_000 });
  // A connection that breaks while nobody uses it has left the pool already.
  pool.on('error', () => {});

  const retryer = createRetryer({
    network: monitor.target(`${host}:${port}`),
    retries: 3,
    minTimeout: 100,
    // A query over a dead link hangs; its attempt is ended half a second after the link was lost.
    interruptAfter: 500,
    onPause: ({ reason }) => say(`waits for the network (${reason})`),
    onResume: () => say('goes on'),
  });
  retryer.on('failure', ({ spent }) => spent && say('an attempt was spent'));

  const query = (text: string, values: readonly unknown[] = [], options: RetryOptions = {}) =>
    retryer.run((_attempt, { signal }) => queryOnce(pool, signal, text, values), options);

  await query('create table if not exists orders (id uuid primary key, item text not null)');
  for (let number = 1; number <= 10; number += 1) {
    // A key of our own makes the INSERT harmless to repeat: whether the lost one arrived makes no difference.
    const id = randomUUID();
    await query('insert into orders values ($1, $2) on conflict (id) do nothing', [id, `item ${number}`]);
    say(`order ${number} is in`);
  }

  // Reading twice does no harm. This one takes a second, and is under way when the cable is pulled.
  const [report] = await Promise.all([query('select count(*)::int as orders from orders, pg_sleep(1)'), loseNetwork()]);
  say(`the report says ${report.rows[0].orders} orders`);

  // Without a key it must not be repeated once it may have been sent, and the same goes for the COMMIT of a transaction: nobody knows whether
  // it counted. It is not interrupted either. Its caller gets the error, and looks.
  await query("insert into orders values (gen_random_uuid(), 'the last')", [], { idempotent: false });
  await pool.end();
}

/** One query on a connection out of the pool, which is closed where the attempt is aborted: its answer would hang on for minutes. */
async function queryOnce(pool: pg.Pool, signal: AbortSignal, text: string, values: readonly unknown[]) {
  const connection = await pool.connect();
  if (signal.aborted) {
    connection.release();
    throw signal.reason;
  }
  const close = (): void => connection.release(true);
  signal.addEventListener('abort', close);
  try {
    return await connection.query(text, [...values]);
  } finally {
    signal.removeEventListener('abort', close);
    if (!signal.aborted) connection.release();
  }
}

/** A database of its own. The server refuses to run as root, so it gets a user namespace in which it is somebody else. */
function command(folder: string): readonly [string, ...string[]] {
  const asSomebody = ['--user', '--map-user=1000', '--'];
  const data = join(folder, 'data');
  const initdb = [program('initdb'), '--pgdata', data, '--username', 'postgres', '--auth', 'trust', '--no-sync'];
  execFileSync('unshare', [...asSomebody, ...initdb], { stdio: 'ignore' });
  appendFileSync(join(data, 'pg_hba.conf'), 'host all all 0.0.0.0/0 trust\n');
  const settings = ['listen_addresses=*', `unix_socket_directories=${folder}`, 'fsync=off'];
  const postgres = [program('postgres'), '-D', data, ...settings.flatMap((setting) => ['-c', setting])];
  return ['unshare', ...asSomebody, ...postgres];
}

/** Debian keeps the server's programs out of the PATH, in a folder for each version. */
function program(name: string): string {
  const versions = '/usr/lib/postgresql';
  const folders = existsSync(versions) ? readdirSync(versions).map((version) => join(versions, version, 'bin')) : [];
  return folders.map((folder) => join(folder, name)).find((path) => existsSync(path)) ?? name;
}
