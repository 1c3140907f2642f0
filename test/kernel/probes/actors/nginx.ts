import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Host } from '../../../lab/index.js';
import type { Certificate } from '../../../unit/probes/http/certificates.js';

/** What is served on a port: over TLS where there is a certificate. */
export interface NginxSite {
  readonly port: number;
  readonly certificate?: Certificate;
  readonly http2?: boolean;
}

/** Debian's nginx on a host of the lab, on all of its addresses. */
export class Nginx implements AsyncDisposable {
  readonly #host: Host;
  readonly #folder: string;

  private constructor(host: Host, folder: string) {
    this.#host = host;
    this.#folder = folder;
  }

  /** Resolves when it listens. */
  static async start(host: Host, sites: readonly NginxSite[]): Promise<Nginx> {
    const folder = await mkdtemp(join(tmpdir(), 'netpause-nginx-'));
    const nginx = new Nginx(host, folder);
    await writeFile(join(folder, 'nginx.conf'), configuration(folder, sites));
    await nginx.#run();
    return nginx;
  }

  async stop(): Promise<void> {
    await this.#run('-s', 'stop');
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await rm(this.#folder, { recursive: true, force: true });
  }

  async #run(...args: readonly string[]): Promise<void> {
    await this.#host.exec('nginx', ['-p', this.#folder, '-c', join(this.#folder, 'nginx.conf'), ...args]);
  }
}

function configuration(folder: string, sites: readonly NginxSite[]): string {
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map(
    (each) => `${each}_temp_path ${folder}/${each};`,
  );
  return `
user root;
worker_processes 1;
pid ${folder}/nginx.pid;
error_log ${folder}/error.log;
events {}
http {
  access_log off;
  default_type text/plain;
  ${temporary.join('\n  ')}
  ${sites.map(site).join('\n')}
}
`;
}

function site({ port, certificate, http2 = false }: NginxSite): string {
  const how = `${certificate === undefined ? '' : ' ssl'}${http2 ? ' http2' : ''}`;
  const tls = certificate && `ssl_certificate ${certificate.certFile}; ssl_certificate_key ${certificate.keyFile};`;
  return `server {
    listen ${port}${how};
    listen [::]:${port}${how};
    ${tls ?? ''}
    location / { return 200 "it works\\n"; }
    location = /moved { return 301 /; }
    location = /gone { return 410; }
  }`;
}
