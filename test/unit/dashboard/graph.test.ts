import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ForceLayout, layOut } from '../../../src/dashboard/parts/graph/force-layout.js';
import { frameOf } from '../../../src/dashboard/parts/graph/frame.js';
import { type GraphLink, type GraphNode, linkId } from '../../../src/dashboard/parts/graph/graph-model.js';
import { inSlices } from '../../../src/dashboard/parts/graph/in-slices.js';
import { type LabelBox, placeLabels } from '../../../src/dashboard/parts/graph/place-labels.js';

describe('the layout of a graph', () => {
  const nodes = ['a', 'b', 'c', 'd'].map((id, index) => node(id, Math.cos(index), Math.sin(index)));
  const links = [link('a', 'b'), link('b', 'c'), link('c', 'd'), link('x', 'a'), link('a', 'a')];

  it('is the same for the same graph, in whatever order it comes', () => {
    const places = layOut(nodes, links);
    expect(layOut([...nodes].reverse(), [...links].reverse())).toEqual(places);
    expect([...places.keys()]).toEqual(['a', 'b', 'c', 'd']);
    const atOnePlace = nodes.map(({ id }) => node(id, 0, 0));
    expect(layOut([...atOnePlace].reverse(), links)).toEqual(layOut(atOnePlace, links));
  });

  it('is the same whether it is made at once or in steps', () => {
    const layout = new ForceLayout(nodes, links);
    while (!layout.isDone) layout.step(7);
    expect(layout.places).toEqual(layOut(nodes, links));
  });

  it('puts what is linked nearer than what is not, and nothing on each other', () => {
    const places = layOut(nodes, links);
    const distance = (a: string, b: string) => {
      const [one, other] = [places.get(a), places.get(b)];
      return Math.hypot((one?.x ?? 0) - (other?.x ?? 0), (one?.y ?? 0) - (other?.y ?? 0));
    };
    expect(distance('a', 'b')).toBeLessThan(distance('a', 'd'));
    for (const [a, b] of [['a', 'b'] as const, ['b', 'c'] as const, ['a', 'd'] as const]) {
      expect(distance(a, b)).toBeGreaterThan(30);
    }
  });

  it('has a place for each, also where all begin at the same one', () => {
    const places = layOut(
      ['a', 'b', 'c'].map((id) => node(id, 0, 0)),
      [],
    );
    expect(new Set([...places.values()].map(({ x, y }) => `${x} ${y}`)).size).toBe(3);
    expect(layOut([], []).size).toBe(0);
  });

  it('takes a bounded number of steps, fewer for large graphs', () => {
    const many = Array.from({ length: 800 }, (_, index) => node(`n${index}`, Math.cos(index), Math.sin(index)));
    const layout = new ForceLayout(many, []);
    let steps = 0;
    for (; !layout.isDone; steps += 1) layout.step(1);
    expect(steps).toBe(120);
  });
});

describe('work in slices', () => {
  it('lets the page have its turn every few milliseconds, and is done in the end', async () => {
    let [time, done, turns] = [0, 0, 0];
    const work = {
      get isDone() {
        return done === 50;
      },
      step: () => {
        done += 1;
        time += 3;
      },
    };
    const later = (callback: () => void) => {
      turns += 1;
      callback();
    };
    await inSlices(work, { later, now: () => time, signal: new AbortController().signal });
    expect([done, turns]).toEqual([50, 17]);
  });

  it('ends when nobody wants it any more', async () => {
    const controller = new AbortController();
    let steps = 0;
    const step = () => {
      steps += 1;
    };
    const work = { isDone: false, step };
    const later = (callback: () => void) => {
      controller.abort();
      callback();
    };
    await inSlices(work, { later, now: () => steps * 100, signal: controller.signal });
    expect(steps).toBe(1);
  });
});

describe('labels', () => {
  const coordinate = fc.integer({ min: -300, max: 300 });
  const boxes = fc
    .array(fc.record({ x: coordinate, y: coordinate, width: fc.integer({ min: 1, max: 90 }) }), { maxLength: 60 })
    .map((all) => all.map((box, index): LabelBox => ({ id: `${index}`, height: 14, ...box })));

  it('never lie on each other, and none is left out for which there is room', () => {
    fc.assert(
      fc.property(boxes, (all) => {
        const placed = placeLabels(all);
        const shown = all.filter(({ id }) => placed.has(id));
        for (const [index, box] of all.entries()) {
          const before = shown.filter((other) => Number(other.id) < index);
          expect(placed.has(box.id)).toBe(!before.some((other) => isOver(box, other)));
        }
      }),
    );
  });

  function isOver(a: LabelBox, b: LabelBox): boolean {
    const isBeside = a.x + a.width / 2 <= b.x - b.width / 2 || b.x + b.width / 2 <= a.x - a.width / 2;
    return !isBeside && a.y < b.y + b.height && b.y < a.y + a.height;
  }
});

describe('the frame', () => {
  const places = new Map([
    ['a', { x: -100, y: 0 }],
    ['b', { x: 300, y: 50 }],
    ['c', { x: 0, y: -80 }],
  ]);
  const size = { width: 800, height: 400 };

  it('shows all of a graph in the middle', () => {
    const { k, x, y } = frameOf(places, size);
    const drawn = [...places.values()].map((place) => ({ x: place.x * k + x, y: place.y * k + y }));
    for (const each of drawn) {
      expect(each.x).toBeGreaterThanOrEqual(0);
      expect(each.x).toBeLessThanOrEqual(800);
      expect(each.y).toBeGreaterThanOrEqual(0);
      expect(each.y).toBeLessThanOrEqual(400);
    }
    expect((Math.min(...drawn.map((each) => each.x)) + Math.max(...drawn.map((each) => each.x))) / 2).toBeCloseTo(400);
  });

  it('shows those that are named, and does not blow one up', () => {
    expect(frameOf(places, size, ['b', 'nobody'])).toEqual({ k: 1.6, x: 400 - 480, y: 200 - 80 });
    expect(frameOf(new Map(), size)).toEqual({ k: 1, x: 400, y: 200 });
  });
});

function node(id: string, x: number, y: number): GraphNode {
  return { id, label: id, kind: 'site', start: { x, y } };
}

function link(source: string, target: string): GraphLink {
  return { id: linkId(source, target), source, target, level: 1, label: '', isNotable: false };
}
