import { register } from 'node:module';

/** To be imported before anything else: from here on, koffi is not installed. */
const HOOK = `
export function resolve(specifier, context, nextResolve) {
  if (specifier !== 'koffi') return nextResolve(specifier, context);
  throw Object.assign(new Error("Cannot find package 'koffi'"), { code: 'ERR_MODULE_NOT_FOUND' });
}`;

register(`data:text/javascript,${encodeURIComponent(HOOK)}`);
