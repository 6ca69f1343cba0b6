/**
 * A request of a command: performed by the node that runs with a configuration, over its control socket; where none
 * runs, by a node that starts for it with the same identity and store, and stops afterwards.
 * @module
 */
import process from "node:process";
import { InputError } from "../../errors.ts";
import { platformClock, platformRandom } from "../../platform/platform.ts";
import { StoreInUseError } from "../../store/sqlite_claim.ts";
import { webSockets } from "../../transport/websocket.deno.ts";
import { type Approver, Approvers } from "../approval/approvers.ts";
import { commandApprover } from "../approval/command_approver.ts";
import { terminalApprover } from "../approval/terminal_approver.ts";
import { type NodeConfig, readConfig } from "../config.ts";
import { printJson, printNote } from "../print.ts";
import { startNode } from "../start.ts";
import { linesFromTerminal, TerminalQuestions } from "../terminal/questions.ts";
import { ControlConnection, type ReplyTakers } from "./connection.ts";
import { perform, type Results } from "./perform.ts";
import { Progress } from "./progress.ts";
import { ExplainedFailure } from "./replies.ts";
import type { ControlRequest, Method, RequestOf } from "./requests.ts";
import { socketPath } from "./socket_path.ts";

/** The manner in which a command asks. */
export interface AskOptions {
  /** The configuration's file. */
  config: string;
  /** True if a failed session is printed as JSON too. */
  json: boolean;
  /** Takes events, as they are sent. */
  event?(event: unknown): void;
  /** True if an interrupt is how it ends, and cancels nothing. */
  endless?: boolean;
}

/**
 * Asks, and hands the result to `show`. A session that fails is explained on standard error, and gives the exit code 1,
 * as does an interrupt (Ctrl+C), which cancels it.
 *
 * @throws {InputError} Nothing was begun and nothing was changed.
 * @throws {StoreError}
 */
export async function ask<M extends Method>(
  request: RequestOf<M>,
  options: AskOptions,
  show: (result: Results[M]) => void | Promise<void>,
): Promise<void> {
  const config = await readConfig(options.config);
  const interrupted = new AbortController();
  const interrupt = () => interrupted.abort();
  for (const signal of interrupts) process.on(signal, interrupt);
  using progress = new Progress(printNote, platformClock);
  const takers: ReplyTakers = {
    progress: (line) => progress.take(line),
    note: printNote,
    event: options.event ?? (() => {}),
  };
  try {
    const result = await resultOf(request, { file: options.config, config, takers }, interrupted.signal);
    if (!interrupted.signal.aborted) await show(result as Results[M]);
  } catch (error) {
    if (error instanceof ExplainedFailure) showFailure(error, options);
    else if (!interrupted.signal.aborted) throw error;
  } finally {
    for (const signal of interrupts) process.off(signal, interrupt);
  }
  if (!interrupted.signal.aborted || options.endless) return;
  printNote("Interrupted: what it had begun is cancelled.");
  process.exitCode = 1;
}

const interrupts = ["SIGINT", "SIGTERM"] as const;

function showFailure(error: ExplainedFailure, { json }: AskOptions): void {
  const { type: _type, explanation, ...facts } = error.fault;
  printNote(error.sentences);
  process.exitCode = 1;
  if (json) printJson({ failed: { ...facts, ...explanation } });
}

async function resultOf(
  request: ControlRequest,
  { file, config, takers }: { file: string; config: NodeConfig; takers: ReplyTakers },
  signal: AbortSignal,
): Promise<unknown> {
  using running = await ControlConnection.open(config.store);
  if (running !== null) return await running.request(request, takers, signal);
  const started = Date.now();
  const transport = webSockets({ listen: [] });
  const approvers = new Approvers();
  approvers.add(commandApprover({ terminal: personAtTerminal(), config: file, note: takers.note }));
  const node = await unlessInUse(() => startNode(config, { transport, approvers, note: takers.note }));
  try {
    const { progress, note, event } = takers;
    return await perform(request, {
      ...{ node, approver: null, started, signal, progress, note },
      emit: (told, lines) => Promise.resolve(event({ event: told, lines })),
    });
  } finally {
    await node.stop();
  }
}

/** The person at the terminal of the command, if it has one: nothing is read before the first question. */
function personAtTerminal(): Approver | null {
  if (!process.stdin.isTTY) return null;
  const questions = new TerminalQuestions({ lines: linesFromTerminal(), print: printNote });
  return terminalApprover(questions, platformRandom);
}

/**
 * The result of a request that begins no session, from the node that runs with a configuration; null if none does.
 *
 * @throws {InputError} @throws {StoreError}
 */
export async function askRunning<M extends Method>(
  request: RequestOf<M>,
  path: string,
): Promise<Results[M] | null> {
  const { store } = await readConfig(path);
  using running = await ControlConnection.open(store);
  if (running === null) return null;
  using progress = new Progress(printNote, platformClock);
  const takers: ReplyTakers = {
    progress: (line) => progress.take(line),
    note: printNote,
    event: () => {},
  };
  return await running.request(request, takers, new AbortController().signal) as Results[M];
}

/** The same where only a node that runs has an answer. @throws {InputError} `node`, if none runs. */
export async function askRunningOnly<M extends Method>(
  request: RequestOf<M>,
  path: string,
): Promise<Results[M]> {
  const result = await askRunning(request, path);
  if (result !== null) return result;
  throw new InputError("node", `expected one that runs with ${path}, found none`, { code: "wrong-state" });
}

/**
 * Work on a store; that of a node which does not answer on its socket is refused with that reason.
 *
 * @throws {InputError} `node`
 */
export async function unlessInUse<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (cause) {
    if (!(cause instanceof StoreInUseError)) throw cause;
    const { path } = cause;
    throw new InputError(
      "node",
      `expected the node that uses ${path} to answer at ${await socketPath(path)}, found that it does not: ` +
        "it starts, stops, or is not one that `quorate run` started",
      { cause, code: "in-use" },
    );
  }
}
