/** An environment in which the system's tools are found: Debian leaves their folders out of an ordinary user's path. */
export function withSystemTools(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return { ...env, PATH: `${env['PATH'] ?? '/usr/bin:/bin'}:/usr/sbin:/sbin` };
}
