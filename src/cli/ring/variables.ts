import type { LogValue } from '../../log/index.js';
import { memberOptionsFromEnv } from '../../ring/index.js';

/** Something in the settings that is allowed, and was probably meant otherwise. */
export interface Doubt {
  readonly message: string;
  readonly fields: Readonly<Record<string, LogValue>>;
}

/** Variables named as those of a ring that nobody reads, by their names alone: what they hold may be a token. */
export function doubtsAboutVariables(env: NodeJS.ProcessEnv, isRead = (_name: string) => false): readonly Doubt[] {
  const unknown = Object.keys(env).filter(
    (name) => /^NETRING_/.test(name) && !KNOWN.has(name) && !isOfKubernetes(name, env) && !isRead(name),
  );
  if (unknown.length === 0) return [];
  return [{ message: 'variables are not known, and are not read', fields: { variables: unknown.join(',') } }];
}

/** Whether a variable of a ring has this name. A registry does not mind those of a member, whose environment it may share. */
export function isKnownVariable(name: string): boolean {
  return KNOWN.has(name);
}

/** Those that the member looks for. */
const KNOWN: ReadonlySet<string> = variablesRead();

function variablesRead(): ReadonlySet<string> {
  const names = new Set<string>();
  const env: NodeJS.ProcessEnv = {};
  const note = (_env: NodeJS.ProcessEnv, name: string | symbol): undefined => {
    names.add(String(name));
    return undefined;
  };
  memberOptionsFromEnv(new Proxy(env, { get: note }));
  return names;
}

/** Kubernetes sets `NETRING_REGISTRY_SERVICE_HOST` and more for a service that is called `netring-registry`. */
function isOfKubernetes(name: string, env: NodeJS.ProcessEnv): boolean {
  const [, service] = /^(.+?)_(?:SERVICE|PORT)(?:_|$)/.exec(name) ?? [];
  return service !== undefined && env[`${service}_SERVICE_HOST`] !== undefined;
}
