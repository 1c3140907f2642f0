import { sshKeyFrom } from '../../../fixtures/sftp/index.js';

/** Of the server and of the client. Both programs know them, for the runner has nothing to tell of keys. */
export const KEYS = { host: sshKeyFrom('the server of the soak'), user: sshKeyFrom('the client of the soak') };
