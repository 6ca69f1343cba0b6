/**
 * A program as a process that can be made to stand still at a named point, killed there, and started again. It writes JSON
 * lines: that it is ready, the point at which it stands, replies to orders, and events.
 * @module
 */
import type { NodeEvent } from "../src/events.ts";
import { TextLineStream } from "../src/demo/lines.ts";

/** An order as a test gives it: its number is added. */
export type Unnumbered<O> = O extends { nth: number } ? Omit<O, "nth"> : never;

/**
 * How long a process may take to a point, or to its end, ms: peers that were killed again and again are dialled, linked and
 * asked again after at most 15 s each.
 */
const patience = 60_000;

/** Waits until it is so. @throws {Error} If it is not so in time. */
export async function poll(
  what: string,
  isSo: () => boolean | Promise<boolean>,
  ms = patience,
): Promise<void> {
  const end = performance.now() + ms;
  while (!await isSo()) {
    if (performance.now() > end) throw new Error(`Waited ${ms} ms for: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
}

/** One process after the other, each of the same program with the same arguments. */
export class KilledProcess<P extends string, O extends { nth: number }> {
  /** The events that its processes have told. */
  readonly events: NodeEvent[] = [];
  /** Points at which it was killed. */
  readonly killedAt: P[] = [];
  #child: Deno.ChildProcess | null = null;
  #over: Promise<unknown> = Promise.resolve();
  #ready = Promise.withResolvers<void>();
  #stopped = Promise.withResolvers<P>();
  readonly #asked = new Map<number, PromiseWithResolvers<unknown>>();
  #nth = 0;

  constructor(readonly name: string, readonly program: string, readonly args: readonly string[]) {}

  /** Starts its process; with `stop`, one that stands still there. */
  start(stop?: P): void {
    const asked = [...this.args, ...(stop ? ["--stop", stop] : [])];
    const args = ["run", "-A", "--no-check", this.program, ...asked];
    const child = new Deno.Command(Deno.execPath(), { args, stdin: "piped", stdout: "piped" }).spawn();
    this.#child = child;
    this.#ready = Promise.withResolvers();
    this.#stopped = Promise.withResolvers();
    this.#over = this.#follow(child);
  }

  async #follow(child: Deno.ChildProcess): Promise<void> {
    for await (const line of child.stdout.pipeThrough(new TextLineStream())) {
      const said = JSON.parse(line);
      if (said.type === "ready") this.#ready.resolve();
      else if (said.type === "stopped") this.#stopped.resolve(said.point);
      else if (said.type === "event") this.events.push(said.event);
      else if ("problem" in said) {
        this.#asked.get(said.nth)!.reject(new Error(`${this.name}: ${said.problem}`));
      } else this.#asked.get(said.nth)!.resolve(said.reply);
    }
    await child.status;
    await child.stdin.close().catch(() => {}); // it is gone: so is its end of the pipe
    for (const { reject } of this.#asked.values()) reject(new Error(`${this.name} is gone`));
  }

  async ready(): Promise<void> {
    await this.#ready.promise;
  }

  async order(order: Unnumbered<O>): Promise<unknown> {
    const nth = this.#nth++;
    const asked = Promise.withResolvers<unknown>();
    this.#asked.set(nth, asked);
    const writer = this.#child!.stdin.getWriter();
    await writer.write(new TextEncoder().encode(`${JSON.stringify({ nth, ...order })}\n`));
    writer.releaseLock();
    return await asked.promise;
  }

  /** SIGKILL, as soon as it stands still at `point`. */
  async killAt(point: P): Promise<void> {
    await this.standsAt(point);
    await this.kill();
    this.killedAt.push(point);
  }

  /** Waits until it stands still at `point`. @throws {Error} If it stands elsewhere, or is not there in time. */
  async standsAt(point: P): Promise<void> {
    const late = Promise.withResolvers<never>();
    const timer = setTimeout(() => {
      void this.#asItIs().then((state) =>
        late.reject(new Error(`${this.name} never came to: ${point}; it says ${state}`))
      );
    }, patience);
    try {
      const at = await Promise.race([this.#stopped.promise, late.promise]);
      if (at !== point) throw new Error(`${this.name} stands at ${at}, not ${point}`);
    } finally {
      clearTimeout(timer);
    }
  }

  /** For the report of a failed test: what it says of itself. */
  protected describe(): Promise<unknown> {
    return Promise.resolve("nothing");
  }

  /** The same with its last events, or that it says nothing. */
  async #asItIs(): Promise<string> {
    const silent = new Promise<string>((resolve) => setTimeout(resolve, 5_000, "nothing"));
    const state = await Promise.race([this.describe().catch(String), silent]);
    return JSON.stringify({ state, events: this.events.slice(-8) });
  }

  async kill(): Promise<void> {
    this.#child!.kill("SIGKILL");
    await this.#over;
  }

  /** Ends its process well. */
  async stop(): Promise<void> {
    const child = this.#child;
    await child?.stdin.close().catch(() => {}); // killed before
    const timer = setTimeout(() => child?.kill("SIGKILL"), patience); // it stands still where nobody expected it
    await this.#over;
    clearTimeout(timer);
  }
}
