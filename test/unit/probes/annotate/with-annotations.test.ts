import { describe, expect, it } from 'vitest';
import { type Annotate, AnnotationError } from '../../../../src/probes/annotate/index.js';
import { withAnnotations } from '../../../../src/probes/annotate/with-annotations.js';
import { aPing, aTask, FAILED } from './fixtures.js';

const task = aTask({ name: 'a ping' });
const adding =
  (name: string): Annotate =>
  (result) => ({ ...result, facts: { ...result.facts, [name]: true } });

function annotate(...annotations: readonly Annotate[]) {
  const errors: AnnotationError[] = [];
  const result = withAnnotations(aPing(), task, annotations, (error) => errors.push(error));
  return { result, errors };
}

describe('annotations', () => {
  it('add their facts one after the other, and see those of before', () => {
    const seen: unknown[] = [];
    const looking: Annotate = (result, of) => {
      seen.push(result.facts, of);
      return result;
    };
    const { result, errors } = annotate(adding('first'), looking, adding('second'));
    expect(result).toEqual({ ...aPing(), facts: { ...aPing().facts, first: true, second: true } });
    expect(seen).toEqual([expect.objectContaining({ first: true }), task]);
    expect(errors).toEqual([]);
  });

  it('change nothing but the facts', () => {
    const { result } = annotate((given) => ({ ...given, ...FAILED, samples: [], facts: { own: 1 } }));
    expect(result).toEqual({ ...aPing(), facts: { own: 1 } });
  });

  it('do no harm where one throws', () => {
    const cause = new Error('boom');
    const { result, errors } = annotate(
      adding('first'),
      () => {
        throw cause;
      },
      adding('second'),
    );
    expect(result.facts).toMatchObject({ first: true, second: true });
    expect(errors).toEqual([expect.any(AnnotationError)]);
    expect(errors[0]).toMatchObject({ code: 'ERR_NETPAUSE_ANNOTATION', task: 'a ping', problem: 'boom', cause });
  });

  it.each([undefined, null, 'facts', {}, { facts: 1 }, { facts: null }])(
    'do no harm where one returns %o',
    async (returned) => {
      const { result, errors } = annotate((given, of) => Reflect.apply(() => returned, undefined, [given, of]));
      expect(result).toEqual(aPing());
      expect(errors).toMatchObject([{ problem: 'the annotation did not return a result' }]);
    },
  );

  it('do no harm where one is an async function, even if that fails later', async () => {
    const late: () => unknown = () => Promise.reject(new Error('late'));
    const { errors } = annotate((given, of) => Reflect.apply(late, undefined, [given, of]));
    // A rejection that nobody handles would end the process, or here the run of all tests.
    await new Promise((resolve) => setImmediate(resolve));
    expect(errors).toMatchObject([{ problem: 'the annotation did not return a result' }]);
  });
});
