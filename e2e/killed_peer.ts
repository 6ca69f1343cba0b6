/**
 * A peer as a process that can be made to stand still at a named point, killed there, and started again from the same
 * folder.
 * @module
 */
import { fileURLToPath } from "node:url";
import type { NodeEvent } from "../src/events.ts";
import { TextLineStream } from "../src/demo/lines.ts";
import type { PeerId } from "../src/failure.ts";
import type { SeenRow } from "./programs/seen_rows.ts";
import type { Order } from "./programs/stopping_peer.ts";
import type { Point } from "./programs/stopping_points.ts";

const program = fileURLToPath(new URL("./programs/stopping_peer.ts", import.meta.url));
type Unnumbered<O> = O extends Order ? Omit<O, "nth"> : never;

/**
 * How long a process may take to a point, or to its end, ms: peers that were killed again and again are dialled, linked and
 * asked again after at most 15 s each.
 */
const patience = 60_000;

/** A key as a peer shows it. */
export interface ShownKey {
  wallet: string;
  state: string;
  publicKey: string;
  epoch: number;
  session: string;
  members: PeerId[];
  held: boolean;
}

/** What a peer says of itself. */
export interface State {
  version: number;
  links: PeerId[];
  keys: ShownKey[];
  /** Everything of keys that is on its disk. */
  rows: SeenRow[];
}

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

/** One peer: the same folder, one process after the other. */
export class KilledPeer {
  /** Everything that went wrong, as this peer told or heard it. */
  readonly wrong: NodeEvent[] = [];
  /** Points at which it was killed. */
  readonly killedAt: Point[] = [];
  #child: Deno.ChildProcess | null = null;
  #over: Promise<unknown> = Promise.resolve();
  #ready = Promise.withResolvers<void>();
  #stopped = Promise.withResolvers<Point>();
  readonly #asked = new Map<number, PromiseWithResolvers<unknown>>();
  #nth = 0;

  constructor(readonly name: string, readonly peer: PeerId, readonly dir: string) {}

  /** Starts its process; with `stop`, one that stands still there. */
  start(stop?: Point): void {
    const args = ["run", "-A", "--no-check", program, "--dir", this.dir, ...(stop ? ["--stop", stop] : [])];
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
      else if (said.type === "event") this.wrong.push(said.event);
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

  async #ask(order: Unnumbered<Order>): Promise<unknown> {
    const nth = this.#nth++;
    const asked = Promise.withResolvers<unknown>();
    this.#asked.set(nth, asked);
    const writer = this.#child!.stdin.getWriter();
    await writer.write(new TextEncoder().encode(`${JSON.stringify({ nth, ...order })}\n`));
    writer.releaseLock();
    return await asked.promise;
  }
  arm = (point: Point) => this.#ask({ order: "stop", point });
  state = () => this.#ask({ order: "state" }) as Promise<State>;
  sign = (wallet: string, signers: string[], message: string) =>
    this.#ask({ order: "sign", wallet, signers, message }) as Promise<string>;

  /** SIGKILL, as soon as it stands still at `point`. */
  async killAt(point: Point): Promise<void> {
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
    await this.kill();
    this.killedAt.push(point);
  }

  /** For the report of a failed test: what it says of itself and told, or that it says nothing. */
  async #asItIs(): Promise<string> {
    const silent = new Promise<string>((resolve) => setTimeout(resolve, 5_000, "nothing"));
    const state = await Promise.race([this.state().catch(String), silent]);
    return JSON.stringify({ state, wrong: this.wrong.slice(-8) });
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
