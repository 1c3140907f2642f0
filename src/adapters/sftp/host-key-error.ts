import { NetpauseError } from '../../errors/index.js';

/**
 * Why a server's key was refused.
 *
 * - `unknown`: there is no key for this host to compare it with.
 * - `changed`: there is one, and it is another.
 * - `revoked`: the known_hosts file says that it must not be used any more.
 */
export type HostKeyProblem = 'unknown' | 'changed' | 'revoked';

/** The server did not prove to be the one that was meant. Nothing was sent to it, no password either, and it is not tried again. */
export class HostKeyError extends NetpauseError {
  override readonly code = 'ERR_NETPAUSE_SFTP_HOST_KEY';

  constructor(
    /** What is wrong with it. */
    readonly problem: HostKeyProblem,
    /** The server, as known_hosts files name it: `'example.com'`, `'[example.com]:2222'`. */
    readonly host: string,
    /** The type of the key that it showed, such as `'ssh-ed25519'`. */
    readonly keyType: string,
    /** The key's fingerprint, as `ssh-keygen -l` prints it: `'SHA256:…'`. */
    readonly fingerprint: string,
  ) {
    super(`${SENTENCES[problem](host)} (it is ${keyType} ${fingerprint})`);
  }
}

const SENTENCES: Readonly<Record<HostKeyProblem, (host: string) => string>> = {
  unknown: (host) =>
    `the key of ${host} is not known: compare its fingerprint with the server's, and add it to the file`,
  changed: (host) =>
    `${host} showed another key than is expected: either its key was changed, or this is another server`,
  revoked: (host) => `the key that ${host} showed is revoked`,
};
