import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { until } from '../lab/bounded.js';
import { environment, runCommand } from '../lab/command.js';
import { freePort } from './server-process.js';

/** A program that serves DNS on 127.0.0.1, with its files in a folder of its own. */
export class DnsServer {
  readonly #folder: string;
  readonly #process: ChildProcess;
  #output = '';
  /** `'127.0.0.1:port'`. */
  readonly address: string;

  private constructor(folder: string, process: ChildProcess, address: string) {
    this.#folder = folder;
    this.#process = process;
    this.address = address;
    for (const stream of [process.stdout, process.stderr]) stream?.on('data', (text) => (this.#output += text));
  }

  /** BIND 9, with one zone; by TLS too where it is given a certificate. */
  static async named(zone: string, records: string, tls?: { readonly port: number } & Certificate): Promise<DnsServer> {
    const folder = await mkdtemp(join(tmpdir(), 'netpause-named-'));
    const port = await freePort();
    await writeFile(join(folder, 'zone'), records);
    await writeFile(
      join(folder, 'named.conf'),
      `options {
  directory "${folder}"; pid-file none; session-keyfile "${folder}/session.key";
  listen-on port ${port} { 127.0.0.1; }; listen-on-v6 { none; };
  ${tls === undefined ? '' : `listen-on port ${tls.port} tls test { 127.0.0.1; };`}
  recursion no; dnssec-validation no; notify no;
};
controls { };
${tls === undefined ? '' : `tls test { key-file "${tls.keyFile}"; cert-file "${tls.certificateFile}"; };`}
zone "${zone}" { type primary; file "zone"; };
`,
    );
    const process = start('named', ['-g', '-n', '1', '-c', join(folder, 'named.conf')]);
    return new DnsServer(folder, process, `127.0.0.1:${port}`).#ready('loaded serial');
  }

  /** dnsmasq, with what its options say and nothing of this machine's. */
  static async dnsmasq(...options: readonly string[]): Promise<DnsServer> {
    const folder = await mkdtemp(join(tmpdir(), 'netpause-dnsmasq-'));
    const port = await freePort();
    const process = start('dnsmasq', [
      '--keep-in-foreground',
      '--conf-file=/dev/null',
      '--no-resolv',
      '--no-hosts',
      '--bind-interfaces',
      '--listen-address=127.0.0.1',
      `--port=${port}`,
      `--pid-file=${join(folder, 'pid')}`,
      '--user=',
      '--group=',
      ...options,
    ]);
    return new DnsServer(folder, process, `127.0.0.1:${port}`).#ready();
  }

  async stop(): Promise<void> {
    const ended = once(this.#process, 'exit');
    if (!this.#hasEnded()) {
      this.#process.kill('SIGTERM');
      await ended;
    }
    await rm(this.#folder, { recursive: true, force: true });
  }

  /** @param word what it says when it is ready: BIND listens before it has read its zones. */
  async #ready(word = ''): Promise<this> {
    try {
      await until(
        async () => this.#output.includes(word) && (await this.#listens()),
        () => `for a DNS server to listen: ${this.#output}`,
      );
      return this;
    } catch (error) {
      await this.stop();
      throw error;
    }
  }

  async #listens(): Promise<boolean> {
    if (this.#hasEnded()) throw new Error(`it ended: ${this.#output}`);
    const socket = connect(Number(this.address.split(':')[1]), '127.0.0.1');
    try {
      await once(socket, 'connect');
      return true;
    } catch {
      return false;
    } finally {
      socket.destroy();
    }
  }

  #hasEnded(): boolean {
    return this.#process.exitCode !== null || this.#process.signalCode !== null;
  }
}

/** A certificate that signs itself. */
export interface Certificate {
  readonly keyFile: string;
  readonly certificateFile: string;
  /** In PEM. */
  readonly pem: string;
}

/** Makes a certificate in a folder. @param names as OpenSSL writes them: `'DNS:ns.example.net,IP:127.0.0.1'`. */
export async function makeCertificate(folder: string, names: string): Promise<Certificate> {
  const [keyFile, certificateFile] = [join(folder, 'key.pem'), join(folder, 'certificate.pem')];
  await runCommand([
    ...[
      'openssl',
      'req',
      '-x509',
      '-newkey',
      'ec',
      '-pkeyopt',
      'ec_paramgen_curve:prime256v1',
      '-nodes',
      '-days',
      '30',
    ],
    ...['-subj', '/CN=test', '-addext', `subjectAltName=${names}`, '-keyout', keyFile, '-out', certificateFile],
  ] as [string, ...string[]]);
  return { keyFile, certificateFile, pem: await readFile(certificateFile, 'utf8') };
}

function start(program: string, args: readonly string[]): ChildProcess {
  return spawn(program, args, { env: environment(), stdio: ['ignore', 'pipe', 'pipe'] });
}
