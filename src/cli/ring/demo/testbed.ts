import type { CliError } from '../../cli-error.js';

/** Where a demo takes place: members, and what can happen to them. */
export interface Testbed {
  readonly kind: 'namespaces' | 'loopback';
  /** Where the registry's page is: `'http://127.0.0.1:8756'`. */
  readonly url: string;
  startMember(site: string): void;
  /** Cuts a member off. @returns milliseconds since 1970, right before. */
  cutOff(site: string): Promise<number>;
  /** Undoes it. @returns milliseconds since 1970, right before. */
  mend(site: string): Promise<number>;
  /** Ends every process, and waits until all are gone. */
  close(): Promise<void>;
}

/** What a testbed is opened with. */
export interface TestbedOptions {
  /** Is told when a process of the demo ends by itself. */
  readonly onLost: (error: CliError) => void;
  /** Ends the opening. */
  readonly signal: AbortSignal;
}
