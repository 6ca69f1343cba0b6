/**
 * The consents of a node: its own yes to exactly one command, given by its person, its program or its rule, or because the
 * command was asked for here. They live in memory only, so that a restart ends them all.
 * @module
 */
import { equal, hash } from "../../crypto/codec.ts";
import type { DigestHash } from "../../crypto/ecdsa_signature.ts";
import type { Curve, SessionId } from "../../events.ts";
import { InputError, SessionError } from "../../errors.ts";
import type { PeerId } from "../../failure.ts";
import {
  acceptLapses,
  clockSkew,
  maxAnswersPerInitiator,
  maxAsking,
  maxAskingPerInitiator,
  maxTimesAsked,
} from "../../limits.ts";
import type { Clock, Consent, ConsentUse, Task } from "../../ports.ts";
import { deadline, orAborted, pause } from "../../session/deadline.ts";
import type { Signed } from "../../session/signed.ts";
import type { Command, Order } from "../records/command.ts";
import { messageHashOf } from "../records/order.ts";
import { payloadOf } from "../records/signing.ts";

/** What every request says. */
export interface RequestCommon {
  /** Id of the command, 32 hex digits. */
  id: string;
  /** The wallet's name. */
  wallet: string;
  /** The curve of its key. */
  curve: Curve;
  /** Who asks. */
  initiator: PeerId;
  /** Who would take part, this node among them. */
  party: readonly PeerId[];
  /** Until when an answer counts, ms since 1970. */
  expires: number;
}

/** Somebody asks for a signature. */
export interface SigningRequest extends RequestCommon {
  /** What is asked for. */
  kind: "sign";
  /** The key's id: the session that made it, 64 hex digits. Two keys can have one name. */
  key: SessionId;
  /** What is to be signed, 0 to 65,536 bytes; null if whoever asks shows its digest alone. */
  message: Uint8Array | null;
  /** SHA-256 of the message, 32 bytes; null if there is none. */
  messageHash: Uint8Array | null;
  /** ECDSA: what is signed, 32 bytes; null for ed25519, which signs the message itself. */
  digest: Uint8Array | null;
  /** What makes the digest of the message, or is said to have made it; null for ed25519. */
  hash: DigestHash | null;
  /** Of the child that signs; empty for the key itself. */
  path: readonly number[];
}

/** Somebody asks for a new key. */
export interface GenerateRequest extends RequestCommon {
  /** What is asked for. */
  kind: "generate";
  /** How many would sign with it. */
  threshold: number;
}

/** What a person, a program or a rule is asked before this node takes part. */
export type ApprovalRequest = SigningRequest | GenerateRequest;

/** Decides whether this node takes part; the signal aborts when nobody waits for the answer any more. */
export type Approve = (
  request: ApprovalRequest,
  options: { signal: AbortSignal },
) => Promise<"accept" | "decline">;

/**
 * Who decides at a node: `"roster"`: yes to whatever the roster allows; `initiators`: yes to these peers for these wallets
 * and no to everything else; or a function.
 */
export type Approval =
  | "roster"
  | { readonly initiators: Readonly<Record<string, readonly PeerId[]>> }
  | Approve;

/** How soon a rule must have answered before the coordinator is told that a person is being asked, ms. */
const atOnce = 50;

type Answer = "accept" | "decline" | "unanswered";

/** A command and whoever would take part in it. */
export interface Asked extends Order {
  readonly party: readonly PeerId[];
}

/** One question, and who waits for its answer. */
interface Question {
  readonly answer: Promise<Answer>;
  readonly initiator: PeerId;
  waiting: number;
  withdraw(): void;
}

/** A command that was asked about, kept until no clock can let it in any more. */
interface Known {
  readonly initiator: PeerId;
  readonly expires: number;
  /** How often somebody was asked, also in vain. */
  readonly times: number;
  /** The consent or the no; null while there is neither. */
  readonly answer: CommandConsent | "declined" | null;
}

export interface ConsentsOptions {
  clock: Clock;
  self: PeerId;
  approval: Approval;
  /** Aborted when the node stops. */
  stopping: AbortSignal;
}

export class Consents {
  readonly #options: ConsentsOptions;
  /** By the hash of the signed command, so that another content is another question. */
  readonly #known = new Map<string, Known>();
  /** Questions that wait for their answer, by the same. */
  readonly #questions = new Map<string, Question>();

  constructor(options: ConsentsOptions) {
    this.#options = options;
  }

  /** A command that is asked for here has its consent until the call that asks is over. */
  own(order: Order): Disposable {
    const key = keyOf(order.command);
    const consent = new CommandConsent(order);
    const { by, value: { expires } } = order.command;
    this.#known.set(key, { initiator: by, expires, times: 0, answer: consent });
    return {
      [Symbol.dispose]: () => {
        consent.withdraw();
        if (this.#known.get(key)?.answer === consent) this.#known.delete(key);
      },
    };
  }

  /**
   * The consent to a command: the one that was given before, or else whoever decides here is asked, once.
   *
   * @param asking Called when that takes longer.
   * @param waiting Aborted when the asker no longer waits.
   * @throws {SessionError} `declined`, `unanswered`, `overloaded`, `shutdown`; `internal` if what decides is broken.
   */
  async given(
    asked: Asked,
    { asking, waiting }: { asking: () => void | Promise<void>; waiting: AbortSignal },
  ): Promise<Consent> {
    const { clock, self, stopping } = this.#options;
    const key = keyOf(asked.command);
    this.#forget();
    const known = this.#known.get(key)?.answer;
    if (known === "declined") throw new SessionError("declined");
    if (known) return known;
    const ruled = this.#byRule(asked);
    if (ruled === "decline") throw new SessionError("declined");
    if (ruled === "accept") return new CommandConsent(asked);
    const question = this.#questions.get(key) ?? this.#ask(key, asked);
    question.waiting++;
    try {
      const soon = await Promise.race([question.answer, pause(clock, atOnce, waiting).then(() => null)]);
      if (soon === null && !waiting.aborted) await asking();
      const answer = soon ?? await orAborted(question.answer, waiting);
      if (stopping.aborted) throw new SessionError("shutdown");
      if (answer === "decline") throw new SessionError("declined");
      const given = this.#known.get(key)?.answer;
      if (answer === "accept" && given && given !== "declined") return given;
      throw new SessionError("unanswered", { missing: [self] });
    } finally {
      question.waiting--;
      const open = this.#questions.get(key) === question;
      if (question.waiting === 0 && open) void this.#withdrawSoon(question);
    }
  }

  /** A question that nobody waits for is withdrawn, unless the same command is proposed again at once. */
  async #withdrawSoon(question: Question): Promise<void> {
    await pause(this.#options.clock, acceptLapses, this.#options.stopping);
    if (question.waiting === 0) question.withdraw();
  }

  /** @throws {SessionError} `overloaded` */
  #ask(key: string, asked: Asked): Question {
    const { clock, stopping } = this.#options;
    const { by, value: { expires } } = asked.command;
    const theirs = [...this.#questions.values()].filter(({ initiator }) => initiator === by);
    const answers = [...this.#known.values()].filter(({ initiator, answer }) =>
      initiator === by && answer !== null
    );
    const full = this.#questions.size >= maxAsking || theirs.length >= maxAskingPerInitiator;
    if (full || answers.length >= maxAnswersPerInitiator) throw new SessionError("overloaded");
    const times = this.#known.get(key)?.times ?? 0;
    if (times >= maxTimesAsked) throw new SessionError("unanswered", { missing: [this.#options.self] });
    const about = { initiator: by, expires, times: times + 1 };
    this.#known.set(key, { ...about, answer: null });
    const withdrawn = new AbortController();
    const follow = () => withdrawn.abort();
    stopping.addEventListener("abort", follow, { once: true });
    const patience = deadline(clock, Math.max(0, expires + clockSkew - clock.now()), withdrawn.signal);
    const answer = orAborted(this.#decide(asked, patience.signal), patience.signal).then((said) => {
      if (said === "accept") this.#known.set(key, { ...about, answer: new CommandConsent(asked) });
      if (said === "decline") this.#known.set(key, { ...about, answer: "declined" });
      return said ?? "unanswered";
    }).finally(() => {
      this.#questions.delete(key);
      patience[Symbol.dispose]();
      stopping.removeEventListener("abort", follow);
    });
    answer.catch(() => {}); // whoever waits for it is told; it may be that nobody does any more
    const question: Question = {
      answer,
      initiator: by,
      waiting: 0,
      withdraw: () => withdrawn.abort(),
    };
    this.#questions.set(key, question);
    return question;
  }

  /** What a rule says, each time anew; null if a function decides. */
  #byRule({ command: { by, value: { wallet } } }: Asked): "accept" | "decline" | null {
    const { approval } = this.#options;
    if (approval === "roster") return "accept";
    if (typeof approval === "function") return null;
    const named = Object.hasOwn(approval.initiators, wallet) ? approval.initiators[wallet]! : [];
    return named.includes(by) ? "accept" : "decline";
  }

  async #decide(asked: Asked, signal: AbortSignal): Promise<"accept" | "decline"> {
    const approval = this.#options.approval as Approve;
    try {
      return await approval(requestOf(asked), { signal }) === "accept" ? "accept" : "decline";
    } catch (cause) {
      throw new SessionError("internal", { cause });
    }
  }

  /** A command that has expired is not carried out any more, so its consent and its no can go. */
  #forget(): void {
    const now = this.#options.clock.now();
    for (const [key, { expires }] of this.#known) if (expires + clockSkew < now) this.#known.delete(key);
  }
}

/** One consent. It covers what its command says and nothing else, for one run at a time, until a share has left. */
class CommandConsent implements Consent {
  readonly #covered: Covered;
  #state: "free" | "taken" | "spent" = "free";
  #withdrawn = false;

  constructor(order: Order) {
    this.#covered = coveredBy(order);
  }

  /** It is taken no more; a run that has it goes on. */
  withdraw(): void {
    this.#withdrawn = true;
  }

  take(task: Task): ConsentUse | null {
    if (this.#withdrawn || this.#state !== "free" || !covers(this.#covered, task)) return null;
    this.#state = "taken";
    return {
      spend: () => {
        this.#state = "spent";
      },
      [Symbol.dispose]: () => {
        if (this.#state === "taken") this.#state = "free";
      },
    };
  }
}

/** What a consent is for, without the message itself. */
interface Covered
  extends Pick<Command, "kind" | "wallet" | "curve" | "key" | "path" | "threshold" | "members"> {
  /** SHA-256 of what is signed; empty for a key generation. */
  readonly payloadHash: Uint8Array;
}

function coveredBy({ command: { value }, message }: Order): Covered {
  const { kind, wallet, curve, key, path, threshold, members } = value;
  const payloadHash = kind === "sign" ? messageHashOf(payloadOf({ ...value, message })) : new Uint8Array();
  return { kind, wallet, curve, key, path, threshold, members, payloadHash };
}

/** Whether a task is what a command says: its key, child and payload; or its members and threshold. */
function covers(covered: Covered, task: Task): boolean {
  const { kind, wallet, curve } = covered;
  if (task.kind !== kind || task.wallet !== wallet || task.curve !== curve) return false;
  if (task.kind === "generate") {
    return task.threshold === covered.threshold && task.party.join() === covered.members.join();
  }
  return equal(task.keyId, covered.key) && task.path.join() === covered.path.join() &&
    equal(messageHashOf(task.message), covered.payloadHash);
}

/** The id of a command's content: its initiator and every field of it. */
const keyOf = ({ encoded }: Signed<Command>): string => hash("quorate/2/consent", encoded).toHex();

function requestOf({ command: { by, value }, message, party }: Asked): ApprovalRequest {
  const { kind, wallet, curve, expires, threshold, digest, hash, path, messageHash } = value;
  const common = { id: value.id.toHex(), wallet, curve, initiator: by, party, expires };
  if (kind === "generate") return { kind, ...common, threshold };
  const plain = curve === "ed25519" || hash === "none";
  const hasMessage = messageHash.length > 0;
  return {
    kind,
    ...common,
    key: value.key.toHex(),
    path,
    message: hasMessage ? message : null,
    messageHash: hasMessage ? messageHash : null,
    digest: plain ? null : payloadOf({ curve, message, digest, hash }),
    hash: plain ? null : hash,
  };
}

/** @throws {InputError} `approve`, unless it says who decides. */
export function checkApproval(approve: Approval | undefined): Approval {
  const wanted = "expected “roster”, { initiators: { wallet: [peer, …] } } or a function";
  if (approve === "roster" || typeof approve === "function") return approve;
  const initiators = approve?.initiators;
  if (typeof initiators !== "object" || initiators === null) {
    throw new InputError("approve", `${wanted}, found ${approve === undefined ? "none" : "something else"}`);
  }
  for (const [wallet, peers] of Object.entries(initiators)) {
    if (!Array.isArray(peers) || peers.some((peer) => typeof peer !== "string")) {
      throw new InputError(
        `approve.initiators.${wallet}`,
        "expected a list of peer ids, found something else",
      );
    }
  }
  return approve!;
}
