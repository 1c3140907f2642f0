/**
 * A text that may be kept: names, addresses and messages are often URLs, whose user, password and query (the signature of a presigned URL, a
 * token) are nobody else's business; and no text is longer than a log should have to carry.
 */
export function plainText(text: string): string {
  const plain = text
    .slice(0, LONGEST_READ)
    .replace(URL_LIKE, (_whole, scheme: string, _credentials: string | undefined, path: string, query?: string) => {
      return `${scheme}${path}${query === undefined ? '' : '?…'}`;
    });
  return plain.length <= LONGEST ? plain : `${plain.slice(0, LONGEST - 1)}…`;
}

/** Scheme; user and password, up to the last "@" before the path; host and path; query and fragment. */
const URL_LIKE = /\b([a-z][a-z0-9+.-]{0,30}:\/\/)([^\s/?#"'<>]*@)?([^\s?#"'<>]*)([?#][^\s"'<>]*)?/gi;

/** Characters that are kept, and that are looked through for it. */
const LONGEST = 500;
const LONGEST_READ = 10_000;
