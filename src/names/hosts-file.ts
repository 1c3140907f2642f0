import { readFile } from 'node:fs/promises';
import { isIP } from 'node:net';

const HOSTS_FILE = '/etc/hosts';

/** The addresses that this machine's hosts(5) file lists for a name; none where it has none, or cannot be read. */
export async function lookUpHostsFile(name: string): Promise<readonly string[]> {
  const text = await readFile(HOSTS_FILE, 'utf8').catch(() => '');
  return addressesInHostsFile(text, name.replace(/\.$/, '').toLowerCase());
}

/** The addresses that a hosts(5) file lists for a name, which is in lower case. */
export function addressesInHostsFile(text: string, name: string): readonly string[] {
  const addresses: string[] = [];
  for (const line of text.split('\n')) {
    const [address, ...names] = line.replace(/#.*$/, '').trim().split(/\s+/);
    if (address !== undefined && isIP(address) !== 0 && names.some((listed) => listed.toLowerCase() === name)) {
      addresses.push(address);
    }
  }
  return addresses;
}
