/**
 * The answer to a DNS query (RFC 1035, section 4) for the A records of one name; an empty one for other types, NXDOMAIN for other names.
 * `undefined` for what is no query.
 */
export function answerQuery(
  query: Uint8Array,
  names: Readonly<Record<string, readonly string[]>>,
): Uint8Array | undefined {
  const bytes = Buffer.from(query);
  const question = readQuestion(bytes);
  if (question === undefined) return undefined;
  const known = names[question.name];
  const addresses = question.type === TYPE_A ? (known ?? []) : [];
  const header = Buffer.alloc(12);
  bytes.copy(header, 0, 0, 2);
  header.writeUInt16BE(known === undefined ? RESPONSE | NXDOMAIN : RESPONSE, 2);
  header.writeUInt16BE(1, 4);
  header.writeUInt16BE(addresses.length, 6);
  return Buffer.concat([header, bytes.subarray(12, question.end), ...addresses.map(record)]);
}

const TYPE_A = 1;
/** QR, RD and RA. */
const RESPONSE = 0x8180;
const NXDOMAIN = 3;

function readQuestion(
  bytes: Buffer,
): { readonly name: string; readonly type: number; readonly end: number } | undefined {
  const labels: string[] = [];
  let at = 12;
  for (let length = bytes[at]; length !== 0; length = bytes[at]) {
    if (length === undefined || length > 63) return undefined;
    labels.push(bytes.toString('latin1', at + 1, at + 1 + length));
    at += 1 + length;
  }
  if (at + 5 > bytes.length) return undefined;
  return { name: labels.join('.').toLowerCase(), type: bytes.readUInt16BE(at + 1), end: at + 5 };
}

/** A pointer to the name in the question, type A, class IN, a lifetime of 1 s, four bytes. */
function record(address: string): Uint8Array {
  return Uint8Array.from([0xc0, 12, 0, TYPE_A, 0, 1, 0, 0, 0, 1, 0, 4, ...address.split('.').map(Number)]);
}
