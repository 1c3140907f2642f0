import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

export interface Certificate {
  readonly certFile: string;
  readonly keyFile: string;
  readonly cert: string;
  readonly key: string;
}

export interface CertificateRequest {
  /** As OpenSSL has them: `'DNS:www.example.com,IP:127.0.0.1'`. */
  readonly altNames: string;
  /** When its time begins, for `faketime -f`. @default now */
  readonly from?: string;
  /** @default 30 */
  readonly days?: number;
  /** Whether it vouches for itself. @default false: the authority does */
  readonly selfSigned?: boolean;
  /** Further options of `openssl req`. */
  readonly more?: readonly string[];
}

/** Certificates made by openssl(1), in a folder that is gone at the end. */
export class CertificateFolder implements AsyncDisposable {
  readonly #folder: string;
  #count = 0;

  private constructor(folder: string) {
    this.#folder = folder;
  }

  /** With an authority of its own. */
  static async make(): Promise<{ readonly folder: CertificateFolder; readonly authority: Certificate }> {
    const folder = new CertificateFolder(await mkdtemp(join(tmpdir(), 'netpause-certificates-')));
    const authority = await folder.#make('/CN=Test Authority', ['-days', '3650']);
    folder.#authority = authority;
    return { folder, authority };
  }

  #authority: Certificate | undefined;

  async certificate(request: CertificateRequest): Promise<Certificate> {
    const { altNames, from, days = 30, selfSigned = false, more = [] } = request;
    const issuer = this.#authority;
    const signing = selfSigned || issuer === undefined ? [] : ['-CA', issuer.certFile, '-CAkey', issuer.keyFile];
    const extensions = ['-addext', `subjectAltName=${altNames}`, '-addext', 'basicConstraints=CA:FALSE'];
    return this.#make('/O=Example/CN=server', ['-days', `${days}`, ...signing, ...extensions, ...more], from);
  }

  /** One whose names are too many for a command line. */
  async bigCertificate(altNames: string): Promise<Certificate> {
    const config = join(this.#folder, 'big.cnf');
    await writeFile(
      config,
      `[req]\ndistinguished_name=dn\n[dn]\n[ext]\nsubjectAltName=@names\n[names]\n${names(altNames)}`,
    );
    return this.#make('/CN=server', ['-days', '30', '-config', config, '-extensions', 'ext']);
  }

  async #make(subject: string, options: readonly string[], from?: string): Promise<Certificate> {
    this.#count += 1;
    const certFile = join(this.#folder, `${this.#count}.pem`);
    const keyFile = join(this.#folder, `${this.#count}.key`);
    const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-keyout', keyFile];
    const argv = ['req', '-x509', ...key, '-out', certFile, '-subj', subject, ...options];
    if (from === undefined) await execute('openssl', argv);
    else await withFakeTime(from, ['openssl', ...argv]);
    return {
      certFile,
      keyFile,
      cert: await readFile(certFile, 'utf8'),
      key: await readFile(keyFile, 'utf8'),
    };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await rm(this.#folder, { recursive: true, force: true });
  }
}

const execute = promisify(execFile);

/**
 * faketime(1) names its semaphore by its process id, and gives up where one has been left behind by an earlier process of that id, which was
 * killed. The next has another.
 */
async function withFakeTime(from: string, argv: readonly string[], tries = 3): Promise<void> {
  try {
    await execute('faketime', ['-f', from, ...argv]);
  } catch (error) {
    if (tries === 1) throw error;
    await withFakeTime(from, argv, tries - 1);
  }
}

/** OpenSSL's line is limited, its file is not. */
function names(altNames: string): string {
  return altNames
    .split(',')
    .map((each, index) => `${each.replace(':', `.${index}=`)}`)
    .join('\n');
}
