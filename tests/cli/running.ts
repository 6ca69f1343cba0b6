/**
 * The command line as a process that goes on. Not a test by itself.
 * @module
 */
import { program } from "./program.ts";

/** A way to start the command line. */
export interface CommandLine {
  program: string;
  /** The arguments before its own. */
  before: readonly string[];
  /** The folder in which it runs; default: this process's. */
  cwd?: string;
  env?: Readonly<Record<string, string>>;
}

/** `deno task node …`. */
export const fromSources: CommandLine = {
  program: Deno.execPath(),
  before: ["run", "-A", "--quiet", "--no-check", program],
};

/**
 * The same command line in a terminal of its own. It takes the place of the shell that starts it: one that stayed would
 * get Ctrl+C too, and give its own exit code, 130, as some shells do.
 */
function inTerminal({ program, before, ...place }: CommandLine, args: readonly string[]): CommandLine {
  const words = [program, ...before, ...args].map((word) => `'${word}'`).join(" ");
  const quiet = ["--quiet", "--return", "--flush"];
  return { ...place, program: "script", before: [...quiet, "--command", `exec ${words}`, "/dev/null"] };
}

/** A running command and all that it has said. */
export class Spawned implements AsyncDisposable {
  readonly #child: Deno.ChildProcess;
  readonly #input: WritableStreamDefaultWriter<Uint8Array>;
  readonly #reading: Promise<void>[];
  #hasEnded = false;
  out = "";
  sentences = "";

  constructor({ program, before, ...place }: CommandLine, args: readonly string[]) {
    this.#child = new Deno.Command(program, {
      ...place,
      args: [...before, ...args],
      stdin: "piped",
      stdout: "piped",
      stderr: "piped",
    }).spawn();
    this.#input = this.#child.stdin.getWriter();
    const read = async (from: ReadableStream<Uint8Array>, add: (text: string) => void) => {
      for await (const text of from.pipeThrough(new TextDecoderStream() as never)) add(text as never);
    };
    this.#reading = [
      read(this.#child.stdout, (text) => this.out += text),
      read(this.#child.stderr, (text) => this.sentences += text),
    ];
  }

  /** Starts a command at a terminal: what it prints is in `out`, beside what the terminal echoes. */
  static atTerminal(line: CommandLine, args: readonly string[]): Spawned {
    return new Spawned(inTerminal(line, args), []);
  }

  async type(line: string): Promise<void> {
    await this.#input.write(new TextEncoder().encode(`${line}\n`));
  }

  /** Types a line, and nothing after it. */
  async typeLast(line: string): Promise<void> {
    await this.type(line);
    await this.#input.close();
  }

  /** Until it has said something. */
  async says(what: RegExp): Promise<void> {
    for (let waited = 0; !what.test(this.out + this.sentences); waited += 50) {
      if (waited > 30_000) throw new Error(`It did not say ${what}: ${this.out}${this.sentences}`);
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }

  /** Ends it by force, where a test has failed before it has. */
  async [Symbol.asyncDispose](): Promise<void> {
    if (!this.#hasEnded) this.#child.kill("SIGKILL");
    await this.ends();
  }

  async ends(signal?: Deno.Signal): Promise<number> {
    if (signal) this.#child.kill(signal);
    await this.#input.close().catch(() => {}); // it may be gone
    await Promise.all(this.#reading);
    const { code } = await this.#child.status;
    this.#hasEnded = true;
    return code;
  }
}

/** A running `deno task node …`. */
export class Running extends Spawned {
  constructor(...args: string[]) {
    super(fromSources, args);
  }
}

/** The same at a terminal. */
export class AtTerminal extends Spawned {
  constructor(...args: string[]) {
    super(inTerminal(fromSources, args), []);
  }
}
