import type { LogLevel } from '../../../log/index.js';

/** The flags of `netpause ring member`. Durations are in milliseconds. */
export interface MemberFlags {
  readonly location?: string;
  readonly registry?: readonly string[];
  readonly tokenFile?: string;
  readonly id?: string;
  readonly host?: string;
  readonly port?: number;
  readonly advertise?: string;
  readonly plan?: 'mesh' | 'ring';
  readonly successors?: number;
  readonly allow?: readonly string[];
  readonly endpoint?: readonly string[];
  readonly tcpTimeout?: number;
  readonly httpTimeout?: number;
  readonly checkInterval?: number;
  readonly reportInterval?: number;
  readonly heartbeatInterval?: number;
  readonly pollInterval?: number;
  readonly bandwidthInterval?: number;
  readonly tracerouteInterval?: number;
  readonly checkHost?: readonly string[];
  readonly logLevel?: LogLevel;
  readonly json?: boolean;
}
