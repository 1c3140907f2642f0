import { NetpauseError } from '../../errors/index.js';

/** A registry answered, and not as it should have. */
export class RegistryError extends NetpauseError {
  override readonly code = 'ERR_NETPAUSE_REGISTRY';

  constructor(
    message: string,
    /** The status of HTTP; for an answer that makes no sense that of a bad gateway, whatever it came with. */
    readonly status: number,
    /** Where `retry-after` may stand. */
    readonly headers: Readonly<Record<string, string | undefined>> = {},
  ) {
    super(message);
  }
}
