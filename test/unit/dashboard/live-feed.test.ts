import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { LiveFeed, type LivePhase } from '../../../src/dashboard/parts/live/live-feed.js';
import { LockedError, Reader } from '../../../src/dashboard/parts/live/reader.js';

/** A stream of events that a test writes, and that ends when the page lets go of it. */
class Connection {
  readonly body: ReadableStream<Uint8Array>;
  isHeld = true;
  #controller!: ReadableStreamDefaultController<Uint8Array>;

  constructor(signal: AbortSignal) {
    this.body = new ReadableStream({
      start: (controller) => {
        this.#controller = controller;
      },
    });
    signal.addEventListener('abort', () => {
      this.isHeld = false;
      this.#controller.error(signal.reason);
    });
  }

  async says(text: string): Promise<void> {
    this.#controller.enqueue(new TextEncoder().encode(text));
    await vi.advanceTimersByTimeAsync(0);
  }

  async tells(event: string, data: unknown = {}): Promise<void> {
    await this.says(`event: ${event}\ndata: ${JSON.stringify(data)}\n\n`);
  }

  async ends(): Promise<void> {
    this.#controller.close();
    await vi.advanceTimersByTimeAsync(0);
  }
}

/** A service that answers as told. */
class FakeReader extends Reader {
  readonly connections: Connection[] = [];
  /** How often everything was asked for. */
  snapshots = 0;
  problem: Error | undefined;
  /** Whether it takes the question for everything, and never answers. */
  hangs = false;

  constructor() {
    super({ token: undefined });
  }

  get last(): Connection {
    const last = this.connections.at(-1);
    if (last === undefined) throw new Error('nobody has connected');
    return last;
  }

  override async open(_path: string, signal: AbortSignal): Promise<Response> {
    if (this.problem !== undefined) throw this.problem;
    const connection = new Connection(signal);
    this.connections.push(connection);
    return new Response(connection.body);
  }

  override async read(): Promise<unknown> {
    this.snapshots += 1;
    if (this.hangs) return new Promise(() => {});
    return `snapshot ${this.snapshots}`;
  }
}

const page = Object.assign(new EventTarget(), { visibilityState: 'visible' });
let reader: FakeReader;
let phases: LivePhase['kind'][];
let shown: unknown[];
let feed: LiveFeed;

beforeEach(async () => {
  vi.useFakeTimers();
  vi.spyOn(Math, 'random').mockReturnValue(0.5);
  page.visibilityState = 'visible';
  vi.stubGlobal('document', page);
  vi.stubGlobal('addEventListener', page.addEventListener.bind(page));
  vi.stubGlobal('removeEventListener', page.removeEventListener.bind(page));
  vi.stubGlobal('requestAnimationFrame', (draw: () => void) => setTimeout(draw, 16));
  vi.stubGlobal('cancelAnimationFrame', clearTimeout);
  reader = new FakeReader();
  [phases, shown] = [[], []];
  feed = new LiveFeed({
    reader,
    snapshotPath: '/all',
    eventsPath: '/events',
    changeEvent: 'change',
    onSnapshot: (snapshot) => shown.push(snapshot),
    onChanges: (changes) => shown.push(changes),
    onPhase: ({ kind }) => phases.push(kind),
  });
  feed.start();
  await vi.advanceTimersByTimeAsync(0);
});

afterEach(() => {
  feed.stop();
  vi.unstubAllGlobals();
  vi.restoreAllMocks();
  vi.useRealTimers();
});

it('asks for everything once it listens, and draws what changes once a frame', async () => {
  await reader.last.tells('hello');
  expect(phases).toEqual(['connecting', 'live']);
  await reader.last.tells('change', 1);
  await reader.last.tells('change', 2);
  await vi.advanceTimersByTimeAsync(16);
  expect(shown).toEqual(['snapshot 1', [1, 2]]);
});

it('asks for everything again when it has missed something, or cannot keep up', async () => {
  await reader.last.tells('hello');
  await reader.last.tells('reset');
  expect(reader.snapshots).toBe(2);
  await reader.last.says('event: change\ndata: 1\n\n'.repeat(501));
  expect(reader.snapshots).toBe(3);
});

it('takes a connection for dead that says nothing for 40 s, and connects again', async () => {
  await reader.last.tells('hello');
  await vi.advanceTimersByTimeAsync(39_000);
  await reader.last.says(': still here\n\n');
  await vi.advanceTimersByTimeAsync(39_999);
  expect(phases.at(-1)).toBe('live');
  await vi.advanceTimersByTimeAsync(1);
  expect(phases.at(-1)).toBe('reconnecting');
  expect(reader.connections[0]?.isHeld).toBe(false);
  await vi.advanceTimersByTimeAsync(1_000);
  await reader.last.tells('hello');
  expect(reader.connections).toHaveLength(2);
  expect(phases.at(-1)).toBe('live');
});

it('gives up a connection on which everything is not told within 40 s, whatever else is heard', async () => {
  reader.hangs = true;
  await reader.last.tells('hello');
  for (let waited = 0; waited < 39_000; waited += 13_000) {
    await vi.advanceTimersByTimeAsync(13_000);
    await reader.last.says(': still here\n\n');
  }
  expect(phases).toEqual(['connecting']);
  await vi.advanceTimersByTimeAsync(1_000);
  expect(phases.at(-1)).toBe('reconnecting');
  expect(reader.connections[0]?.isHeld).toBe(false);
  reader.hangs = false;
  await vi.advanceTimersByTimeAsync(1_000);
  await reader.last.tells('hello');
  expect(phases.at(-1)).toBe('live');
});

it('asks for everything again when more has changed meanwhile than it keeps', async () => {
  const answers: ((snapshot: string) => void)[] = [];
  vi.spyOn(reader, 'read').mockImplementation(() => new Promise((answer) => answers.push(answer)));
  await reader.last.tells('hello');
  await reader.last.says('event: change\ndata: 1\n\n'.repeat(500));
  expect(answers).toHaveLength(1);
  await reader.last.says('event: change\ndata: 2\n\n'.repeat(500));
  expect(answers).toHaveLength(1);
  answers[0]?.('early');
  await vi.advanceTimersByTimeAsync(16);
  expect(answers).toHaveLength(2);
  await reader.last.tells('change', 3);
  answers[1]?.('late');
  await vi.advanceTimersByTimeAsync(16);
  expect(shown).toEqual(['early', 'late', [3]]);
});

it('connects again when the service ends the connection, later each time, and at once when the machine is online again', async () => {
  await reader.last.tells('hello');
  await reader.last.ends();
  reader.problem = new TypeError('fetch failed');
  await vi.advanceTimersByTimeAsync(120_000);
  expect(phases.at(-1)).toBe('reconnecting');
  expect(phases.length).toBeGreaterThan(8);
  expect(phases.length).toBeLessThan(25);
  reader.problem = undefined;
  page.dispatchEvent(new Event('online'));
  await vi.advanceTimersByTimeAsync(0);
  await reader.last.tells('hello');
  expect(phases.at(-1)).toBe('live');
});

it('lets go of its connection after a minute in which nobody sees it, and is back when somebody does', async () => {
  await reader.last.tells('hello');
  show(false);
  await vi.advanceTimersByTimeAsync(30_000);
  await reader.last.says(': still here\n\n');
  await vi.advanceTimersByTimeAsync(30_000);
  expect(phases.at(-1)).toBe('paused');
  expect(reader.last.isHeld).toBe(false);
  await vi.advanceTimersByTimeAsync(3_600_000);
  expect(reader.connections).toHaveLength(1);
  show(true);
  await vi.advanceTimersByTimeAsync(0);
  await reader.last.tells('hello');
  expect(reader.connections).toHaveLength(2);
  expect(phases.at(-1)).toBe('live');
});

it('keeps its connection where it is hidden for less than a minute', async () => {
  await reader.last.tells('hello');
  show(false);
  await vi.advanceTimersByTimeAsync(20_000);
  show(true);
  await reader.last.says(': still here\n\n');
  await vi.advanceTimersByTimeAsync(39_000);
  expect(phases).toEqual(['connecting', 'live']);
});

it('waits for a token where one is needed, and not for time', async () => {
  reader.problem = new LockedError();
  feed.restart();
  await vi.advanceTimersByTimeAsync(600_000);
  expect(phases.at(-1)).toBe('locked');
  reader.problem = undefined;
  feed.restart();
  await vi.advanceTimersByTimeAsync(0);
  await reader.last.tells('hello');
  expect(phases.at(-1)).toBe('live');
});

it('leaves nothing behind when it is stopped', async () => {
  await reader.last.tells('hello');
  await reader.last.tells('change', 1);
  feed.stop();
  expect(reader.last.isHeld).toBe(false);
  expect(vi.getTimerCount()).toBe(0);
  show(false);
  expect(vi.getTimerCount()).toBe(0);
});

function show(isSeen: boolean): void {
  page.visibilityState = isSeen ? 'visible' : 'hidden';
  page.dispatchEvent(new Event('visibilitychange'));
}
