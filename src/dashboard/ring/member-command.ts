/**
 * What starts a member of the registry that a page is of.
 *
 * @param page the address of the page.
 * @param hasToken whether the registry is read with a token; then it wants one of members in any case.
 */
export function memberCommand({ origin, hostname }: Pick<URL, 'origin' | 'hostname'>, hasToken: boolean): string {
  const isLocal = /^(localhost|127(\.\d+){3}|\[::1\])$/.test(hostname);
  return [
    `npx netpause ring member --registry ${origin}`,
    // A registry that others reach wants a token, and a member has to say where others reach it.
    ...(isLocal ? [] : ['--host 0.0.0.0']),
    ...(hasToken || !isLocal ? ['--token-file token.txt'] : []),
  ].join(' ');
}
