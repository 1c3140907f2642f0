import { serveStatic, type WebService } from '../../server/index.js';

/** Whether a path is of the page itself: it holds no data, so that it can ask for a token. */
export function isPageFile(path: string): boolean {
  return path === '/' || path.startsWith(ASSETS);
}

/** The page for people. */
export function addDashboardRoutes(app: WebService['app']): void {
  app.get('/', async (context) => {
    const built = await builtPage();
    if (built === undefined) return context.text(NOT_BUILT, 503);
    return serveStatic(context, built.page, { isImmutable: false, policy: POLICY });
  });
  app.get(`${ASSETS}*`, async (context) => {
    const assets = (await builtPage())?.assets ?? {};
    const file = Object.hasOwn(assets, context.req.path) ? assets[context.req.path] : undefined;
    return file === undefined ? context.notFound() : serveStatic(context, file, { isImmutable: true });
  });
}

const ASSETS = '/assets/';

/** Only what comes from the registry itself, and no script that stands in the page. */
const POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "connect-src 'self'",
  "img-src 'self' data:",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
  "require-trusted-types-for 'script'",
].join('; ');

const NOT_BUILT = `The dashboard has not been built. In a checkout, run:

    npm run build:dashboard

/plain shows the members without it, /docs what else there is.
`;

/** Loaded when it is first asked for; undefined in a checkout where it has not been built. */
async function builtPage() {
  try {
    return await import('#dashboard');
  } catch (error) {
    if (error instanceof Error && Reflect.get(error, 'code') === 'ERR_MODULE_NOT_FOUND') return undefined;
    throw error;
  }
}
