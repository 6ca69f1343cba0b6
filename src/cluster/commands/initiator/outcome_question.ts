/**
 * The question what came of a command of this node, and the answer of one peer, each word of it checked: its initiator has
 * signed the command, its author the result, and a session that failed is proven by the preimage of its id.
 * @module
 */
import { equal } from "../../../crypto/codec.ts";
import { ChannelError } from "../../../errors.ts";
import type { PeerId } from "../../../failure.ts";
import { maxOutcomeFrame } from "../../../limits.ts";
import { deadline, orAborted } from "../../../session/deadline.ts";
import { readSigned, type Signed } from "../../../session/signed.ts";
import type { Context } from "../../events/event_context.ts";
import type { Keys } from "../../keys/keys.ts";
import type { Command, Order } from "../../records/command.ts";
import { readOrder } from "../../records/order.ts";
import { type Preimage, readPreimage } from "../../records/preimage.ts";
import { protocols } from "../../records/protocols.ts";
import type { GivenTurn } from "../invited/coordinator_turns.ts";
import { type OutcomeAnswer, outcomeAnswer, outcomeQuestion } from "../outcome/outcome_server.ts";
import { readOutcome, type Result, resultRecord } from "../results.ts";

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

/** A question about one command. */
export interface Question {
  readonly id: Uint8Array;
  readonly peers: readonly PeerId[];
  /** The command that is asked for now under this id; null to learn of whatever it was. */
  readonly wanted: Command | null;
  /** The turn that is given next; null if this only asks. */
  readonly turn: GivenTurn | null;
}

/** An answer of one peer, checked as far as it proves itself. */
export interface Told {
  readonly by: PeerId;
  readonly state: OutcomeAnswer["state"];
  readonly order: Order | null;
  /** The peer that carries it out, by the answering peer's word; null without an order. */
  readonly coordinator: PeerId | null;
  /** Null while the command runs. */
  readonly result: Signed<Result> | null;
  /** The session of that result, if there was one that this peer took part in; null if that is not proven. */
  readonly session: Preimage | null;
}

/** The answers of this node and of the connected peers; who answers nothing, or nonsense, is left out. */
export async function ask(options: EarlierOptions, question: Question): Promise<Told[]> {
  const { identity, network } = options.context;
  const { id, peers, turn } = question;
  const connected = new Set(network.connected());
  const asked = [...new Set(peers)].filter((peer) => connected.has(peer)).sort();
  const answers = await Promise.all([
    options.own(id, turn).then((answer) => checked(options, identity.peer, id, answer)),
    ...asked.map(async (peer) => checked(options, peer, id, await askOne(options, peer, question))),
  ]);
  return answers.filter((one) => one !== null);
}

/** Asks one peer; null if it does not answer. */
async function askOne(
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
  by: PeerId,
  id: Uint8Array,
  answer: OutcomeAnswer | null,
): Promise<Told | null> {
  if (answer === null) return null;
  const { state } = answer;
  if (state !== "kept" && state !== "running") {
    return { by, state, order: null, coordinator: null, result: null, session: null };
  }
  const read = readOutcome(answer.outcome);
  const order = read && await readOrder(identity, read.order);
  if (order?.command.by !== identity.peer || !equal(order.command.value.id, id)) return null;
  const { coordinator, preimage } = read!;
  if (!order.command.value.coordinators.includes(coordinator)) return null;
  if (state === "running") return { by, state, order, coordinator, result: null, session: null };
  const result = await readSigned(identity, resultRecord, read!.result);
  if (result?.by !== by || !equal(result.value.id, id)) return null;
  const session = preimage.length > 0 ? await readPreimage(identity, preimage) : null;
  const isOfResult = session !== null && isSessionOf(session, result, order);
  return { by, state, order, coordinator, result, session: isOfResult ? session : null };
}

/** Whether a session is the one of a result: of this command, with the result's author in its party. */
function isSessionOf(
  { session, attempt, party, initiator, command }: Preimage,
  { by, value }: Signed<Result>,
  order: Order,
): boolean {
  return equal(session, value.session) && equal(attempt, value.attempt) && party.includes(by) &&
    initiator === order.command.by && equal(command.id, order.command.value.id);
}
