import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Actor, createLab, type Host, type Lab, type SpawnOptions } from '../lab/index.js';
import type { Service } from './actors/service.js';
import type { Witness } from './actors/witness.js';
import type { Worker } from './actors/worker.js';
import { CHECK_PORTS, WORK_PORT } from './ports.js';
import { Scene, type SceneOptions } from './scene.js';
import type { Scenery, Topology } from './topologies.js';

/** A topology that stands, with somebody in every part. Scenarios of one topology are played on the same stage, one after the other. */
export class Stage implements AsyncDisposable {
  readonly lab: Lab;
  readonly scenery: Scenery;
  readonly service: Actor<Service>;
  readonly witness: Actor<Witness>;
  readonly worker: Actor<Worker>;
  readonly #folder = mkdtempSync(join(tmpdir(), 'netpause-matrix-'));
  readonly #onExit = () => rmSync(this.#folder, { recursive: true, force: true });

  static async open(topology: Topology): Promise<Stage> {
    const lab = await createLab();
    try {
      const scenery = await topology.build(lab);
      const [service, witness, worker] = await Promise.all([
        scenery.server.spawn<Service>(actorModule('service')),
        scenery.client.spawn<Witness>(actorModule('witness')),
        scenery.client.spawn<Worker>(actorModule('worker'), { execArgv: ['--expose-gc'] }),
      ]);
      await service.call('listen', [WORK_PORT, ...CHECK_PORTS]);
      return new Stage(lab, scenery, { service, witness, worker });
    } catch (error) {
      await lab.dispose();
      throw error;
    }
  }

  private constructor(lab: Lab, scenery: Scenery, actors: Pick<Stage, 'service' | 'witness' | 'worker'>) {
    this.lab = lab;
    this.scenery = scenery;
    this.service = actors.service;
    this.witness = actors.witness;
    this.worker = actors.worker;
    // Where Ctrl-C ends the run, this is all that is still called.
    process.once('exit', this.#onExit);
  }

  get client(): Host {
    return this.scenery.client;
  }

  /** At the other end of the client's eth0: the first router, or the server itself. */
  get neighbour(): Host {
    return Object.values(this.scenery.routers)[0] ?? this.scenery.server;
  }

  /** @throws {Error} where there is no such router. */
  router(name: string): Host {
    const router = this.scenery.routers[name];
    if (router === undefined) throw new Error(`there is no router ${name}`);
    return router;
  }

  /** Begins a scene: the monitor is started and has judged, and the witness gets through. */
  begin(options: SceneOptions = {}): Promise<Scene> {
    return Scene.begin(this, options);
  }

  /** Another worker in the client, for a scene of its own: with other rights, or under another clock. */
  hire(options: SpawnOptions = {}): Promise<Actor<Worker>> {
    return this.client.spawn<Worker>(actorModule('worker'), options);
  }

  /** Another witness in the client. */
  hireWitness(): Promise<Actor<Witness>> {
    return this.client.spawn<Witness>(actorModule('witness'));
  }

  /** A path for a file of this stage's own. */
  file(name: string): string {
    return join(this.#folder, name);
  }

  /** Lays a file over another in the client's view, as a container runtime does, and only there. */
  async cover(path: string, text: string): Promise<void> {
    const cover = this.file(path.replaceAll('/', '-'));
    writeFileSync(cover, text);
    await this.client.exec('mount', ['--bind', cover, path]);
  }

  async uncover(path: string): Promise<void> {
    await this.client.exec('umount', [path]);
  }

  async dispose(): Promise<void> {
    try {
      await this.lab.dispose();
    } finally {
      process.off('exit', this.#onExit);
      this.#onExit();
    }
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.dispose();
  }
}

/** The path of an actor's module. */
export function actorModule(name: string): string {
  return fileURLToPath(new URL(`./actors/${name}.ts`, import.meta.url));
}
