/**
 * Bytes as text that is safe to print and stands for these bytes alone: `\DDD` for what is not printable ASCII (RFC 1035 section 5.1), and `\\`
 * for a backslash.
 */
export function octetsText(bytes: Uint8Array): string {
  let text = '';
  for (const byte of bytes)
    text += byte === BACKSLASH ? '\\\\' : isPrintable(byte) ? String.fromCharCode(byte) : escaped(byte);
  return text;
}

/**
 * A copy of a message that dns-packet reads texts and labels from as they are. Of itself it takes them for UTF-8, by which other bytes are
 * lost, and a dot inside of a label looks like one between two. What it reads needs {@link plainName} or {@link quoted}.
 */
export function withExactText(bytes: Uint8Array): Buffer {
  const copy = Buffer.from(bytes);
  return Object.assign(copy, {
    toString: (_encoding?: BufferEncoding, start = 0, end = copy.length) =>
      Array.from(copy.subarray(start, end), exactCharacter).join(''),
  });
}

/** A name that was read from {@link withExactText}, as a zone file would have it: `a\.b.example.com`. */
export function plainName(name: string): string {
  return name.replace(/\\(046|092)/g, (_whole, code) => (code === '046' ? '\\.' : '\\\\'));
}

/** A text that was read from {@link withExactText}, in quotation marks. */
export function quoted(text: string): string {
  const plain = text.replace(/\\(032|046|092)/g, (_whole, code) =>
    code === '092' ? '\\\\' : code === '046' ? '.' : ' ',
  );
  return `"${plain.replaceAll('"', '\\"')}"`;
}

/**
 * A name as c-ares hands it over: written as in a zone file already, but spaces and what is not ASCII stand for themselves, and more than dots
 * and backslashes is escaped (ares_dns_name.c).
 */
export function systemName(name: string): string {
  const plain = name.replace(/\\(\d{3}|.)/g, (whole, code) => (/[^\d.\\]/.test(code) ? code : whole));
  return plain.replace(/[^!-~]/g, (character) => escaped(character.charCodeAt(0))) || '.';
}

/** A text as Node.js hands it over: each byte as a character (src/cares_wrap.cc, ParseTxtReply). */
export function systemText(text: string): string {
  return octetsText(Buffer.from(text, 'latin1'));
}

const SPACE = 0x20;
const DOT = 0x2e;
const BACKSLASH = 0x5c;

function exactCharacter(byte: number): string {
  const isSpecial = byte === BACKSLASH || byte === DOT || byte === SPACE || !isPrintable(byte);
  return isSpecial ? escaped(byte) : String.fromCharCode(byte);
}

function isPrintable(byte: number): boolean {
  return byte >= 0x20 && byte <= 0x7e;
}

function escaped(byte: number): string {
  return `\\${String(byte).padStart(3, '0')}`;
}
