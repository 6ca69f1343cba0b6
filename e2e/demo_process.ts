/**
 * A peer of the demonstration as a process, started by a test. Not a test by itself.
 * @module
 */
import { fileURLToPath } from "node:url";
import { TextLineStream } from "../src/demo/lines.ts";

const program = fileURLToPath(new URL("../src/demo/peer.ts", import.meta.url));

/** How a process ended. */
export interface Ended {
  code: number;
  /** What it wrote to its standard error. */
  complaints: string;
}

export class DemoProcess {
  readonly #child: Deno.ChildProcess;
  readonly #ready = Promise.withResolvers<void>();
  /** Resolves when it has ended, for whatever reason. */
  readonly ended: Promise<Ended>;

  constructor(dir: string) {
    this.#child = new Deno.Command(Deno.execPath(), {
      args: ["run", "-A", "--no-check", program, "--dir", dir],
      stdin: "piped",
      stdout: "piped",
      stderr: "piped",
    }).spawn();
    this.ended = this.#follow();
  }

  async #follow(): Promise<Ended> {
    const complaints = new Response(this.#child.stderr).text();
    for await (const line of this.#child.stdout.pipeThrough(new TextLineStream())) {
      if (JSON.parse(line).type === "ready") this.#ready.resolve();
    }
    const { code } = await this.#child.status;
    await this.#child.stdin.close().catch(() => {}); // it is gone: so is its end of the pipe
    this.#ready.reject(new Error(`It ended with exit code ${code}: ${await complaints}`));
    this.#ready.promise.catch(() => {}); // whoever waits for it hears of it
    return { code, complaints: await complaints };
  }

  get ready(): Promise<void> {
    return this.#ready.promise;
  }

  signal(signal: Deno.Signal): void {
    this.#child.kill(signal);
  }

  async stop(): Promise<void> {
    await this.#child.stdin.close().catch(() => {}); // it has ended already
    await this.ended;
  }
}
