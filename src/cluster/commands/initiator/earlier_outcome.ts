/**
 * The earlier outcome of a command of this node, out of what the peers say that may have carried it out: a signature
 * proves itself, and a key the votes of its members.
 * @module
 */
import { equal } from "../../../crypto/codec.ts";
import { SessionError } from "../../../errors.ts";
import type { PeerId } from "../../../failure.ts";
import { certified } from "../../../keystore/vote_signatures.ts";
import { idsKeptAfterExpiry } from "../../../limits.ts";
import { type Command, contentOf, type Order } from "../../records/command.ts";
import { readPreimage } from "../../records/preimage.ts";
import { type CommandOutcome, keyIn, type Result, signaturesIn } from "../results.ts";
import { failureIn, isOver } from "./earlier_failure.ts";
import { isAsked } from "./member_results.ts";
import { ask, type EarlierOptions, type Question, type Told } from "./outcome_question.ts";

/** The part of an order that says what was asked for. */
export interface Asked extends Pick<Order, "items"> {
  readonly command: Pick<Order["command"], "value">;
}

/** The state of a command as the cluster knows it. */
export type Earlier =
  | { readonly state: "done"; readonly order: Asked; readonly outcome: CommandOutcome }
  | {
    readonly state: "failed";
    readonly error: SessionError; /** Null if no peer has it. */
    readonly order: Order | null;
  }
  | { readonly state: "running"; readonly order: Order; readonly coordinator: PeerId }
  | { readonly state: "unknown" };

/** The answers of the peers about a command. */
interface Answers {
  readonly earlier: Earlier;
  /** The peers that know nothing of it, and have moved to the turn if one was given. */
  readonly unaware: ReadonlySet<PeerId>;
  /** Whether one of them has had a turn of an order under this id: it takes another by its initiator's word alone. */
  readonly hadTurn: boolean;
}

/**
 * Asks this node and connected peers what came of a command of this node. It is a failure, `id-reused`, if it was another
 * command than the wanted one.
 */
export async function earlierOutcome(options: EarlierOptions, question: Question): Promise<Answers> {
  const now = options.context.clock.now();
  const told = (await ask(options, question)).filter(({ state, order }) =>
    state !== "running" || now <= order!.command.value.expires + idsKeptAfterExpiry
  );
  const hadTurn = told.some(({ state }) => state === "earlier");
  const isUnaware = ({ state }: Told) => state === "unknown" || state === "earlier";
  const unaware = new Set(told.filter(isUnaware).map(({ by }) => by));
  return { earlier: await summedUp(options, question, told, unaware), unaware, hadTurn };
}

/** The state of a command, from all answers. */
async function summedUp(
  options: EarlierOptions,
  { wanted }: Question,
  told: readonly Told[],
  unaware: ReadonlySet<PeerId>,
): Promise<Earlier> {
  const orders = told.flatMap(({ order }) => order ?? []);
  if (wanted && orders.some(({ command }) => !isSame(options, command.value, wanted))) {
    return { state: "failed", error: new SessionError("id-reused"), order: null };
  }
  for (const { order, result } of told) {
    const outcome = order && result && await proven(options, order, result.value);
    if (outcome) return { state: "done", order, outcome };
  }
  // Nobody runs what its coordinator knows nothing of.
  const running = told.find(({ by, state, coordinator }) =>
    state === "running" && (by === coordinator || !unaware.has(coordinator!))
  );
  if (running && !isOver(told)) {
    return { state: "running", order: running.order!, coordinator: running.coordinator! };
  }
  const error = failureIn(told, options.context.identity.peer);
  return error ? { state: "failed", error, order: orders[0] ?? null } : { state: "unknown" };
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
