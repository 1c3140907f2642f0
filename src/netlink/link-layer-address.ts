/** `02:00:5e:10:00:01`, with as many bytes as the link type's addresses have (Ethernet 6, InfiniBand 20, an IPv4 tunnel 4). */
export function formatLinkLayerAddress(view: DataView, start: number, end: number): string {
  let text = '';
  for (let at = start; at < end; at += 1) text += (at === start ? '' : ':') + hexPair(view.getUint8(at));
  return text;
}

function hexPair(byte: number): string {
  return HEX_PAIRS[byte] ?? '';
}

const HEX_PAIRS = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'));
