import type { Fault, Faults } from './faults.js';
import type { RegistryName, RingLab } from './ring-lab.js';

/** All faults of a kind, in the order of the sites: each cable, each pair, and one of each other kind. */
export function everyFault({ wan }: RingLab, faults: Faults, registries: readonly RegistryName[]): readonly Fault[] {
  const names = wan.sites.map(({ name }) => name);
  const pairs = names.flatMap((a, index) => names.slice(index + 1).map((b) => [a, b] as const));
  return [
    ...names.map((name) => faults.cables(name)),
    ...pairs.map((pair) => faults.pairs(pair)),
    ...names.map((name) => faults.silence(name)),
    ...names.map((name) => faults.member(name, registries)),
    faults.partition(names.filter((_, index) => index % 2 === 0)),
    faults.backbone(),
    ...registries.map((name) => faults.registry(name)),
    faults.redis(),
    faults.registryAndRedis(),
    faults.registry('first', { empty: true }),
  ];
}

/** @param random gives numbers from 0 up to 1. */
export function randomFault(
  { wan }: RingLab,
  faults: Faults,
  registries: readonly RegistryName[],
  random: () => number,
): Fault {
  const pick = <Item>(items: readonly Item[]): Item => {
    const item = items[Math.floor(random() * items.length)];
    if (item === undefined) throw new Error('there is nothing to choose from');
    return item;
  };
  const names = wan.sites.map(({ name }) => name);
  const some = (count: number) => {
    const left = [...names];
    return Array.from({ length: count }, () => left.splice(Math.floor(random() * left.length), 1)).flat();
  };
  const pair = () => {
    const [a = '', b = ''] = some(2);
    return [a, b] as const;
  };
  const kinds: readonly (readonly [weight: number, make: () => Fault])[] = [
    [20, () => faults.cables(pick(names))],
    [6, () => faults.cables(...some(2))],
    [12, () => faults.silence(pick(names))],
    [6, () => faults.addresses(pick(names))],
    [6, () => faults.routes(pick(names))],
    [20, () => faults.pairs(pair())],
    [6, () => faults.partition(some(3))],
    [4, () => faults.backbone()],
    [8, () => faults.member(pick(names), registries)],
    [3, () => faults.registry(pick(registries))],
    [2, () => faults.registry('first', { empty: true })],
    [2, () => faults.registryAndRedis()],
    [2, () => faults.redis()],
    [3, () => faults.clock(pick(names), pick([3_600_000, -3_600_000]))],
  ];
  let left = random() * kinds.reduce((sum, [weight]) => sum + weight, 0);
  for (const [weight, make] of kinds) {
    left -= weight;
    if (left < 0) return make();
  }
  return faults.cables(pick(names));
}
