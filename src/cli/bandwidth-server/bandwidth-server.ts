import { once } from 'node:events';
import { InvalidOptionError } from '../../errors/index.js';
import { formatEndpoint } from '../../names/index.js';
import { type BandwidthServer, type BandwidthServerOptions, createBandwidthServer } from '../../probes/index.js';
import { CliError } from '../cli-error.js';
import { EXIT } from '../exit-codes.js';
import { readToken } from '../options/token.js';
import { say } from '../output.js';
import { onSignals, STOPPING } from '../signals.js';
import { printable } from '../text/fit.js';
import { explain } from '../text/words.js';

/** The flags of `netpause bandwidth-server`. */
export interface BandwidthServerFlags {
  readonly host?: string;
  readonly port?: number;
  readonly allow?: readonly string[];
  readonly tokenFile?: string;
  readonly maxBytes?: number;
  /** Milliseconds. */
  readonly maxDuration?: number;
  /** Milliseconds. */
  readonly leaseTimeout?: number;
  readonly maxSize?: number;
  readonly testsPerMinute?: number;
}

/** Serves bandwidth tests until it is told to stop, and resolves with the exit code. */
export async function bandwidthServer({ tokenFile, ...flags }: BandwidthServerFlags): Promise<number> {
  const token = await readToken(tokenFile);
  const stopping = new AbortController();
  const release = onSignals(STOPPING, () => stopping.abort());
  try {
    const server = await listen({ ...flags, token });
    try {
      say(describeServer(server, flags.allow, token !== undefined));
      if (!stopping.signal.aborted) await once(stopping.signal, 'abort');
    } finally {
      await server.close();
    }
    say('stopped');
    return EXIT.ok;
  } finally {
    release();
  }
}

/** @throws {CliError} where it cannot listen. */
async function listen(options: BandwidthServerOptions): Promise<BandwidthServer> {
  try {
    return await createBandwidthServer(options);
  } catch (error) {
    if (error instanceof InvalidOptionError) throw error;
    throw new CliError(`--host and --port: ${explain(error)}`, EXIT.usage, { cause: error });
  }
}

/** Where it listens, and whom it serves. Whoever listens for others wants to know that it does not serve them. */
function describeServer(server: BandwidthServer, allow: readonly string[] | undefined, hasToken: boolean): string {
  const where = `listening on ${formatEndpoint(server)}`;
  const known = hasToken ? ' who know the token' : '';
  if (allow !== undefined) return printable(`${where}, for clients of ${allow.join(', ')}${known}`);
  const isForOthers = !/^(127\.|::1$)/.test(server.host);
  const hint = isForOthers ? '; others are refused, unless --allow names them' : '';
  return `${where}, for this host alone${hint}`;
}
