import type { z } from '@hono/zod-openapi';

/**
 * A check whether a value fits a schema that takes what it has seen once for known: what is stored never changes, and is read much more often
 * than written.
 */
export function rememberedCheck<Value>(schema: z.ZodType<Value>): (value: object) => value is Value & object {
  const answers = new WeakMap<object, boolean>();
  return (value): value is Value & object => {
    const answer = answers.get(value) ?? schema.safeParse(value).success;
    answers.set(value, answer);
    return answer;
  };
}
