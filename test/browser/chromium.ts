import { access, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type BrowserContext, type BrowserContextOptions, chromium } from 'playwright-core';

const PATH = '/usr/bin/chromium';

/** Nothing that is not of the test: no updates, no first steps, no other protocols. */
const ARGUMENTS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--no-proxy-server',
];

export async function hasChromium(): Promise<boolean> {
  return access(PATH).then(
    () => true,
    () => false,
  );
}

/** A browser of its own, with nothing kept from another. */
export interface Chromium extends AsyncDisposable {
  /** A window that knows nothing of the others. */
  window(options?: BrowserContextOptions): Promise<BrowserContext>;
  close(): Promise<void>;
}

export async function startChromium(): Promise<Chromium> {
  const profile = await mkdtemp(join(tmpdir(), 'netpause-chromium-'));
  // A home of its own: it writes there, whatever its profile is.
  const env = { ...process.env, HOME: profile, XDG_CONFIG_HOME: profile, XDG_CACHE_HOME: profile };
  const browser = await chromium.launch({ executablePath: PATH, headless: true, args: ARGUMENTS, env });
  const close = async (): Promise<void> => {
    await browser.close();
    await rm(profile, { recursive: true, force: true });
  };
  return { window: (options) => browser.newContext(options), close, [Symbol.asyncDispose]: close };
}
