import {
  forceCollide,
  forceLink,
  forceManyBody,
  forceSimulation,
  forceX,
  forceY,
  type Simulation,
  type SimulationLinkDatum,
  type SimulationNodeDatum,
} from 'd3-force';
import type { GraphLink, GraphNode, Place } from './graph-model.js';

/** Where each node is drawn, by id. Pixels, around the origin. */
export type Places = ReadonlyMap<string, Place>;

interface Body extends SimulationNodeDatum {
  readonly id: string;
  readonly kind: GraphNode['kind'];
}

type Spring = SimulationLinkDatum<Body>;

/**
 * Places nodes so that what is linked is near. The same nodes and links have the same places, whatever the order in which they come: nothing is by
 * chance, and the number of steps depends on nothing but their number.
 */
export class ForceLayout {
  readonly #simulation: Simulation<Body, Spring>;
  #left: number;

  constructor(nodes: readonly GraphNode[], links: readonly Pick<GraphLink, 'source' | 'target'>[]) {
    const spread = SPREAD * Math.sqrt(Math.max(1, nodes.length));
    const bodies = [...nodes].sort(byId).map(({ id, kind, start }) => ({
      id,
      kind,
      x: start.x * spread,
      y: start.y * spread,
    }));
    const ids = new Set(bodies.map(({ id }) => id));
    const springs = links
      .filter(({ source, target }) => ids.has(source) && ids.has(target) && source !== target)
      .map(({ source, target }): { source: string; target: string } => ({ source, target }))
      .sort((a, b) => compare(a.source, b.source) || compare(a.target, b.target));
    this.#left = stepsFor(nodes.length);
    this.#simulation = simulationOf(bodies, springs, this.#left);
  }

  /** Whether all steps are done. */
  get isDone(): boolean {
    return this.#left === 0;
  }

  /** Does at most so many of the steps that are left. */
  step(count: number): void {
    const steps = Math.min(count, this.#left);
    this.#simulation.tick(steps);
    this.#left -= steps;
  }

  get places(): Places {
    return new Map(this.#simulation.nodes().map(({ id, x = 0, y = 0 }) => [id, { x: rounded(x), y: rounded(y) }]));
  }
}

/** All of it at once: of small graphs only. */
export function layOut(nodes: readonly GraphNode[], links: readonly GraphLink[]): Places {
  const layout = new ForceLayout(nodes, links);
  layout.step(Number.POSITIVE_INFINITY);
  return layout.places;
}

/** Pixels from the middle to the edge, for one node. */
const SPREAD = 60;

/** The more nodes there are, the longer a step takes, and the less each one matters. */
function stepsFor(nodes: number): number {
  if (nodes <= 100) return 300;
  return nodes <= 400 ? 200 : 120;
}

function simulationOf(bodies: Body[], springs: { source: string; target: string }[], steps: number) {
  const links: Spring[] = springs;
  return (
    forceSimulation<Body, Spring>(bodies)
      // It is stepped by hand, and not by a timer of its own.
      .stop()
      .alphaDecay(1 - 0.001 ** (1 / steps))
      .force(
        'link',
        forceLink<Body, Spring>(links)
          .id(({ id }) => id)
          .distance(({ source, target }) => (isRouter(source) && isRouter(target) ? 40 : 60)),
      )
      .force(
        'charge',
        forceManyBody<Body>().strength(({ kind }) => (kind === 'site' ? -320 : -120)),
      )
      .force(
        'collide',
        forceCollide<Body>().radius(({ kind }) => (kind === 'site' ? 26 : 14)),
      )
      // So that parts that nothing links do not drift away.
      .force('x', forceX<Body>().strength(0.05))
      .force('y', forceY<Body>().strength(0.07))
  );
}

function isRouter(end: Spring['source']): boolean {
  return typeof end === 'object' && end.kind === 'router';
}

/** Tenths of a pixel: the last bits differ between engines. */
function rounded(value: number): number {
  return Number.isFinite(value) ? Math.round(value * 10) / 10 : 0;
}

function byId(a: { readonly id: string }, b: { readonly id: string }): number {
  return compare(a.id, b.id);
}

function compare(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
