/**
 * The earlier outcome of a command of this node: what the peers say that may have carried it out, each word of it
 * checked. Its initiator has signed the command, a signature proves itself, and a key the votes of its members.
 * @module
 */
import { equal } from "../../../crypto/codec.ts";
import { ChannelError, SessionError } from "../../../errors.ts";
import type { PeerId } from "../../../failure.ts";
import { certified } from "../../../keystore/vote_signatures.ts";
import { idsKeptAfterExpiry, maxOutcomeFrame } from "../../../limits.ts";
import { deadline, orAborted } from "../../../session/deadline.ts";
import { readSigned, type Signed } from "../../../session/signed.ts";
import type { Context } from "../../events/event_context.ts";
import type { Keys } from "../../keys/keys.ts";
import { type Command, contentOf, type Order } from "../../records/command.ts";
import { readOrder } from "../../records/order.ts";
import { readPreimage } from "../../records/preimage.ts";
import { protocols } from "../../records/protocols.ts";
import type { GivenTurn } from "../invited/coordinator_turns.ts";
import { type OutcomeAnswer, outcomeAnswer, outcomeQuestion } from "../outcome/outcome_server.ts";
import {
  claimsOf,
  type CommandOutcome,
  keyIn,
  readOutcome,
  type Result,
  resultRecord,
  signaturesIn,
  spoiltIn,
} from "../results.ts";
import { isAsked } from "./member_results.ts";

/** The time for a connected peer to answer, ms; who is silent is passed over. */
const askedMs = 1_000;

export interface EarlierOptions {
  readonly context: Context;
  readonly keys: Keys;
  /** The time at which this node started, monotonic ms. */
  readonly started: number;
  /** This node's own answer; null if it cannot move to the turn. */
  own(id: Uint8Array, turn: GivenTurn | null): Promise<OutcomeAnswer | null>;
}

/** The state of a command as the cluster knows it. */
export type Earlier =
  | { readonly state: "done"; readonly order: Order; readonly outcome: CommandOutcome }
  | { readonly state: "failed"; readonly error: SessionError }
  | { readonly state: "running"; readonly order: Order; readonly coordinator: PeerId }
  | { readonly state: "unknown" };

/** The answers of the peers about a command. */
interface Answers {
  readonly earlier: Earlier;
  /** The peers that know nothing of it, and have moved to the turn if one was given. */
  readonly unaware: ReadonlySet<PeerId>;
}

/** A question about one command. */
interface Question {
  readonly id: Uint8Array;
  readonly peers: readonly PeerId[];
  /** The command that is asked for now under this id; null to learn of whatever it was. */
  readonly wanted: Command | null;
  /** The turn that is given next; null if this only asks. */
  readonly turn: GivenTurn | null;
}

/** An answer of one peer, checked as far as it proves itself. */
interface Told {
  readonly by: PeerId;
  readonly state: OutcomeAnswer["state"];
  readonly order: Order | null;
  /** The peer that carries it out, by the answering peer's word; null without an order. */
  readonly coordinator: PeerId | null;
  /** Null while the command runs. */
  readonly result: Signed<Result> | null;
}

/**
 * Asks this node and connected peers what came of a command of this node. It is a failure, `id-reused`, if it was another
 * command than the wanted one.
 */
export async function earlierOutcome(options: EarlierOptions, question: Question): Promise<Answers> {
  const { context } = options;
  const { identity, network } = context;
  const { id, peers, turn } = question;
  const connected = new Set(network.connected());
  const asked = [...new Set(peers)].filter((peer) => connected.has(peer)).sort();
  const answers = await Promise.all([
    options.own(id, turn).then((answer) => checked(options, identity.peer, id, answer)),
    ...asked.map(async (peer) => checked(options, peer, id, await ask(options, peer, question))),
  ]);
  const now = context.clock.now();
  const told = answers.filter((one) => one !== null).filter(({ state, order }) =>
    state !== "running" || now <= order!.command.value.expires + idsKeptAfterExpiry
  );
  const unaware = new Set(told.filter(({ state }) => state === "unknown").map(({ by }) => by));
  return { earlier: await summedUp(options, question, told), unaware };
}

/** The state of a command, from all answers. */
async function summedUp(
  options: EarlierOptions,
  { wanted }: Question,
  told: readonly Told[],
): Promise<Earlier> {
  const orders = told.flatMap(({ order }) => order ?? []);
  if (wanted && orders.some(({ command }) => !isSame(options, command.value, wanted))) {
    return { state: "failed", error: new SessionError("id-reused") };
  }
  for (const { order, result } of told) {
    const outcome = order && result && await proven(options, order, result.value);
    if (outcome) return { state: "done", order, outcome };
  }
  const running = told.find(({ state }) => state === "running");
  if (running) return { state: "running", order: running.order!, coordinator: running.coordinator! };
  const error = failureIn(told);
  return error ? { state: "failed", error } : { state: "unknown" };
}

/** Asks one peer; null if it does not answer. */
async function ask(
  { context: { network, clock, stopping } }: EarlierOptions,
  peer: PeerId,
  { id, turn }: Question,
): Promise<OutcomeAnswer | null> {
  using patience = deadline(clock, askedMs, stopping);
  const options = { maxFrame: maxOutcomeFrame, signal: patience.signal };
  try {
    const channel = await network.open(peer, protocols.outcome, options);
    await channel.send(outcomeQuestion.encode({ id, ...turn ?? { order: new Uint8Array(), place: 0 } }));
    const frame = await orAborted(channel.receive(), patience.signal);
    if (frame === null) channel.abort();
    else await channel.end();
    return frame && decoded(frame);
  } catch (error) {
    if (!(error instanceof ChannelError)) throw error;
    return null;
  }
}

function decoded(frame: Uint8Array): OutcomeAnswer | null {
  try {
    return outcomeAnswer.decode(frame);
  } catch {
    return null; // it counts as silent
  }
}

/** An answer, if the order in it is this node's own, and the result is of who answers. */
async function checked(
  { context: { identity } }: EarlierOptions,
  peer: PeerId,
  id: Uint8Array,
  answer: OutcomeAnswer | null,
): Promise<Told | null> {
  if (answer === null) return null;
  const { state } = answer;
  if (state !== "kept" && state !== "running") {
    return { by: peer, state, order: null, coordinator: null, result: null };
  }
  const read = readOutcome(answer.outcome);
  const order = read && await readOrder(identity, read.order);
  if (order?.command.by !== identity.peer || !equal(order.command.value.id, id)) return null;
  const { coordinator } = read!;
  if (!order.command.value.coordinators.includes(coordinator)) return null;
  if (state === "running") return { by: peer, state, order, coordinator, result: null };
  const result = await readSigned(identity, resultRecord, read!.result);
  return result?.by === peer && equal(result.value.id, id)
    ? { by: peer, state, order, coordinator, result }
    : null;
}

/** Whether two commands ask for the same, of one key in whatever epoch. */
function isSame({ keys }: EarlierOptions, earlier: Command, wanted: Command): boolean {
  const key = (command: Command) => keys.withId(command.keyId.toHex())?.publicKey.toHex();
  const isKey = equal(earlier.keyId, wanted.keyId) ||
    (key(earlier) !== undefined && key(earlier) === key(wanted));
  const { keyId, epoch } = earlier;
  return isKey && equal(contentOf(earlier), contentOf({ ...wanted, keyId, epoch }));
}

/** The outcome of a command, if a result proves it. */
async function proven(
  { context, keys }: EarlierOptions,
  { command: { by, value: command }, items }: Order,
  result: Result,
): Promise<CommandOutcome | null> {
  if (result.code !== null) return null;
  if (command.kind === "sign") {
    const key = keys.withId(command.keyId.toHex());
    const signatures = key && signaturesIn(context, result, key, items);
    return signatures ? { kind: "sign", signatures } : null;
  }
  const row = keyIn(result)?.row;
  if (!row || !isAsked(row, command) || !await certified(context.identity, row)) return null;
  // Another command may have made a key of this name before.
  const made = await readPreimage(context.identity, row.preimage);
  if (made?.initiator !== by || !equal(made.command.id, command.id)) return null;
  const isKnown = keys.certain(row.session.toHex()) || await keys.learn(row);
  return isKnown ? { kind: command.kind, row } : null;
}

/**
 * The failure of a command: its coordinator's, if that answers. Others do not know whether the coordinator has the
 * result that they lack.
 */
function failureIn(told: readonly Told[]): SessionError | null {
  const all = told.flatMap(({ order, coordinator, result }) =>
    order && result?.value.code ? [{ order, coordinator: coordinator!, result }] : []
  );
  // A coordinator that failed before there was a session may have been followed by one that had one.
  const inSession = all.filter(({ result }) => result.value.session.length > 0);
  const failed = inSession.length > 0 ? inSession : all;
  const own = failed.find(({ coordinator, result }) => result.by === coordinator);
  const isLost = told.some(({ state }) => state === "lost" || state === "forgotten");
  // A peer that has lost an outcome has taken part in a session: a failure before that was not the last word.
  if (own && (inSession.length > 0 || !isLost)) {
    const { by, value } = own.result;
    const code = value.code!;
    // It is one peer's word, and no more than a claim against others.
    if (value.culprits.length > 0) {
      return new SessionError("aborted-by-peer", { claims: [{ by, code, peers: value.culprits }] });
    }
    const items = spoiltIn(value, own.order.command.value);
    return new SessionError(code, { missing: value.missing, claims: claimsOf(value), items });
  }
  const [other] = inSession.length > 0 || !isLost ? failed : [];
  if (other) return new SessionError("peer-left", { missing: [other.coordinator] });
  if (told.some(({ state }) => state === "lost")) return new SessionError("replayed-command");
  if (told.some(({ state }) => state === "forgotten")) return new SessionError("outcome-forgotten");
  // A success that proves nothing is as good as none.
  return told.some(({ state }) => state === "kept") ? new SessionError("replayed-command") : null;
}
