import { either, functionRule, type OptionRule, objectWith } from '../options/index.js';
import type { LogFunction, Logger } from './record.js';

/** What the option `logger` accepts. */
export const loggerRule: OptionRule = either(
  objectWith('an object with the methods debug, info, warn and error, such as console or a pino logger', hasMethods),
  { ...functionRule, allowed: 'a function that takes a record' },
);

/** Some loggers are functions that have the methods: then the methods are meant. */
export function isLogger(logger: Logger | LogFunction): logger is Logger {
  return hasMethods(logger);
}

function hasMethods(value: object): boolean {
  return ['debug', 'info', 'warn', 'error'].every((level) => typeof Reflect.get(value, level) === 'function');
}
