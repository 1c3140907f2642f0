/** The methods of an actor, by name. Arguments and results cross a process boundary as structured clones. */
export type ActorMethods = Readonly<Record<string, (...args: never[]) => unknown>>;

/** Tells the test that something has happened, with the time of now. */
export type Emit<Events> = <Name extends keyof Events & string>(name: Name, detail: Events[Name]) => void;

/** What a module in a host offers, as a value whose type the test imports: `export type Watcher = typeof watcher`. */
export interface ActorContract<Methods, Events> {
  readonly methods: Methods;
  readonly emit: Emit<Events>;
}

/** Something that an actor has told. */
export interface ActorEvent<Detail> {
  /** CLOCK_MONOTONIC in nanoseconds, in the actor's process, when it was emitted. Comparable with the times that faults return. */
  readonly at: bigint;
  readonly detail: Detail;
}
