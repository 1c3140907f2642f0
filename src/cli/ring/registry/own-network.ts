import { isLoopbackAddress } from '../../../server/index.js';
import type { RegistrySettings } from './registry-settings.js';

/** Whether the registry is told, or has reason, to watch its own network: where all is on this host, none is needed that could go down. */
export function watchesItself(settings: RegistrySettings): boolean {
  const { monitor, checkHosts } = settings;
  return monitor ?? (checkHosts !== undefined || !isForThisHost(settings));
}

/** Whether only this host can reach it. An address that is none is refused elsewhere. */
export function isForThisHost({ host = '127.0.0.1' }: RegistrySettings): boolean {
  return isLoopbackAddress(host);
}
