/**
 * The requests of a node's program: each is checked before anything is sent, and becomes a command to the
 * cluster.
 * @module
 */
import type { Bans } from "../cluster/keys/bans.ts";
import type { Command } from "../cluster/records/command.ts";
import { checkPeers } from "../cluster/commands/check_command.ts";
import { type PastOutcome, pastOutcome } from "./assembly/past_outcome.ts";
import { type ReadyToDeal, resharePeers } from "./reshare_peers.ts";
import {
  type BatchRequest,
  checkKeyName,
  checkThreshold,
  type KeyChoice,
  type KeyRequest,
  type RequestLabels,
  type ReshareRequest,
  type SigningChoice,
  type SignRequest,
} from "../cluster/records/key_name.ts";
import { checkRemarks, type Remarks } from "../cluster/records/remarks.ts";
import { rightFor } from "../cluster/records/rights.ts";
import type { Context } from "../cluster/events/event_context.ts";
import type { Session } from "../cluster/commands/handle.ts";
import type { Frozen } from "../cluster/keys/frozen.ts";
import type { Initiator, RequestOptions } from "../cluster/commands/initiator.ts";
import { asKey, asSignatures, type CommandOutcome, keyIdOf } from "../cluster/commands/results.ts";
import type { GroupKey } from "../cluster/keys/group_key.ts";
import type { Keys } from "../cluster/keys/keys.ts";
import { itemFacts, itemsOf } from "../cluster/records/items.ts";
import type { SignItem } from "../schemes/scheme.ts";
import { type ItemInput, itemOf, schemes, type Signature, signingKeys } from "../schemes/schemes.ts";
import { InputError } from "../errors.ts";
import { unlessAborted } from "../platform/signals.ts";
import type { CommandId, Scheme } from "../events.ts";
import type { PeerId } from "../failure.ts";
import { maxCommandAge } from "../limits.ts";

/** Everything that requests are checked against, and the initiator that sends them. */
export interface RequestsOptions {
  context: Context;
  keys: Keys;
  bans: Bans;
  frozen: Frozen;
  initiator: Initiator;
}

export class Requests {
  readonly #options: RequestsOptions;
  readonly #self: PeerId;

  constructor(options: RequestsOptions) {
    this.#options = options;
    this.#self = options.context.identity.peer;
  }

  /**
   * The key with this name.
   *
   * @throws {InputError} `wallet`, if this node knows none; `keyId`, if it knows several.
   */
  known(name: KeyChoice): GroupKey {
    checkKeyName(name);
    const { wallet, scheme, keyId: id } = name;
    const named = this.#options.keys.named(name);
    if (named.length === 0) {
      throw new InputError("wallet", `expected one with a key for ${scheme}, found “${wallet}”`, {
        code: "unknown",
      });
    }
    const chosen = id === undefined ? named : named.filter(({ session }) => session === id);
    if (chosen.length === 1) return chosen[0]!;
    const ids = named.map(({ session }) => session).join(", ");
    const among = named.length > 1 ? `the id of one of the ${named.length} keys` : "the id of the key";
    throw new InputError(
      "keyId",
      `expected ${among} “${wallet}” for ${scheme} (${ids}), found ${id ?? "none"}`,
      { code: "unknown" },
    );
  }

  /** See `QuorateNode.generateKey`. */
  generateKey(request: KeyRequest, options: RequestOptions = {}): Session<GroupKey> {
    this.#requireRight("generate", options);
    checkKeyName(request);
    const { context, initiator } = this.#options;
    const roster = context.roster();
    const holders = roster.peers.filter(({ rights }) => rights.includes("holder")).map(({ peer }) => peer);
    const members = checkPeers("members", request.members ?? holders, roster);
    checkThreshold(request.threshold, members.length);
    const { id, ...remarks } = labelsOf(request);
    // Under an id that was used before, the key with this name may be the outcome.
    if (id === undefined) this.#requireNewName(request);
    const { wallet, scheme, threshold } = request;
    const coordinators = [this.#coordinatorAmong(members, "members")];
    const about = { wallet, scheme, threshold, members, coordinators, ...remarks };
    const nothing = {
      keyId: new Uint8Array(),
      epoch: 0,
      signers: [],
      dealers: [],
      gone: [],
      ...itemFacts([]),
    };
    const command = { kind: "generate" as const, ...about, ...nothing };
    return initiator.begin(command, [], (outcome) => asKey(outcome), { ...options, id });
  }

  /** See `QuorateNode.reshare`. */
  reshare(request: ReshareRequest, options: RequestOptions = {}): Session<GroupKey> {
    this.#requireRight("reshare", options);
    const { initiator, keys } = this.#options;
    const key = this.known(request);
    if (key.state === "pending") {
      throw new InputError("wallet", "expected an active key, found a pending one", { code: "wrong-state" });
    }
    const { wallet, scheme, threshold } = request;
    const { members, dealers, gone, party } = resharePeers(request, key, this.#readyToDeal(key));
    const { id, ...remarks } = labelsOf(request);
    const coordinators = [this.#coordinatorAmong(party, "members")];
    const named = { wallet, scheme, keyId: Uint8Array.fromHex(key.session), epoch: key.epoch };
    const about = {
      ...named,
      threshold,
      members,
      dealers,
      gone,
      signers: [],
      coordinators,
      ...itemFacts([]),
    };
    const command = { kind: "reshare" as const, ...about, ...remarks };
    const result = (outcome: CommandOutcome) => keys.withId(keyIdOf(outcome)) ?? asKey(outcome);
    return initiator.begin(command, [], result, { ...options, id });
  }

  /** The members that could deal a key anew: those that have not said that they hold no share, the connected ones first. */
  #readyToDeal({ session }: GroupKey): ReadyToDeal {
    const { context, keys } = this.#options;
    const connected = new Set([this.#self, ...context.network.connected()]);
    const lacking = keys.lacking(session);
    return {
      roster: context.roster(),
      order: (one, other) => Number(connected.has(other)) - Number(connected.has(one)),
      holds: (peer) => !lacking.has(peer),
    };
  }

  /** See `QuorateNode.sign`. */
  sign<S extends Scheme>(request: SignRequest<S>, options?: RequestOptions): Session<Signature<S>> {
    const inputs = () => [itemOf(request.scheme, request)];
    return this.#sign<S, Signature<S>>(request, inputs, ([signature]) => signature!, options);
  }

  /** The same for a batch. */
  signBatch<S extends Scheme>(request: BatchRequest<S>, options?: RequestOptions): Session<Signature<S>[]> {
    const inputs = () => {
      checkNoInputBeside(request);
      return itemsOf(request.scheme, request.items as readonly ItemInput[]);
    };
    return this.#sign<S, Signature<S>[]>(request, inputs, (signatures) => signatures, options);
  }

  /**
   * @param inputs Reads the items of the request.
   * @param result Makes the result of the session out of the signatures of all items.
   */
  #sign<S extends Scheme, T>(
    request: SigningChoice<S>,
    inputs: () => SignItem[],
    result: (signatures: Signature<S>[]) => T,
    options: RequestOptions = {},
  ): Session<T> {
    this.#requireRight("sign", options);
    const { wallet, scheme } = request;
    const key = this.known(request);
    if (key.state === "pending") {
      throw new InputError("wallet", "expected an active key, found a pending one", { code: "wrong-state" });
    }
    const { id, ...remarks } = labelsOf(request);
    const items = inputs();
    checkUses(key, items);
    const signers = this.#signersOf(request, key);
    const candidates = request.signers ? signers : this.#possibleCoordinators(key);
    // A party that was chosen has everyone in it: without one of them no other can carry it out.
    const coordinators = request.signers
      ? [this.#coordinatorAmong(candidates, "signers")]
      : this.#coordinatorsAmong(candidates);
    const named = { wallet, scheme, keyId: Uint8Array.fromHex(key.session), epoch: key.epoch };
    const about = { ...named, ...itemFacts(items), ...remarks };
    const nothing = { threshold: 0, members: [], dealers: [], gone: [] };
    const command = { kind: "sign" as const, ...nothing, signers, coordinators, ...about };
    const read = asSignatures({ ...key, scheme }, items);
    const { initiator } = this.#options;
    return initiator.begin(command, items, (outcome) => result(read(outcome)), { ...options, id });
  }

  /** See `QuorateNode.outcome`. */
  outcome(id: CommandId, signal?: AbortSignal): Promise<PastOutcome> {
    const { initiator, keys } = this.#options;
    const asked = bytesOf(id);
    return unlessAborted(signal, async () => pastOutcome(keys, await initiator.outcome(asked), this.#self));
  }

  /** The signers that a request names, or none. @throws {InputError} `signers` */
  #signersOf(request: SigningChoice, key: GroupKey): PeerId[] {
    if (!request.signers) return [];
    const signers = checkPeers("signers", request.signers, this.#options.context.roster());
    if (signers.length !== key.threshold) {
      throw new InputError("signers", `expected ${key.threshold}, found ${signers.length}`);
    }
    const strange = signers.find((peer) => !key.members.includes(peer));
    if (strange) throw new InputError("signers", `expected members of “${request.wallet}”, found ${strange}`);
    return signers;
  }

  /** The coordinator of a command for `peers`: this node, if it is one of them. @throws {InputError} */
  #coordinatorAmong(peers: readonly PeerId[], field: string): PeerId {
    if (peers.includes(this.#self)) return this.#self;
    const connected = new Set(this.#options.context.network.connected());
    const first = peers.find((peer) => connected.has(peer)) ?? peers[0];
    if (first === undefined) throw new InputError(field, "expected at least two, found none");
    return first;
  }

  /** The coordinators of a command, in their turn: this node alone, if it may be; or the others, the connected ones first. */
  #coordinatorsAmong(peers: readonly PeerId[]): PeerId[] {
    const first = this.#coordinatorAmong(peers, "signers");
    if (first === this.#self) return [first];
    const connected = new Set(this.#options.context.network.connected());
    const rest = peers.filter((peer) => peer !== first);
    const [here, away] = [
      rest.filter((peer) => connected.has(peer)),
      rest.filter((peer) => !connected.has(peer)),
    ];
    return [first, ...here, ...away];
  }

  /** The members of a key, without this node if it holds no share, or may not sign with enough of them. */
  #possibleCoordinators({ members, session, threshold, held }: GroupKey): readonly PeerId[] {
    const { bans, frozen } = this.#options;
    const apart = new Set([...bans.of(session), ...frozen.quarantined(session)]);
    if (held && members.length - apart.size >= threshold) return members;
    return members.filter((peer) => peer !== this.#self);
  }

  /** @throws {InputError} `identity`, `node`, `lifetimeMs`. The signal's reason, if it has aborted. */
  #requireRight(kind: Command["kind"], { lifetimeMs, signal }: RequestOptions): void {
    signal?.throwIfAborted();
    const { context } = this.#options;
    if (
      lifetimeMs !== undefined &&
      !(Number.isInteger(lifetimeMs) && lifetimeMs >= 1_000 && lifetimeMs <= maxCommandAge)
    ) {
      throw new InputError("lifetimeMs", `expected 1000 to ${maxCommandAge}, found ${lifetimeMs}`);
    }
    const entry = context.member(this.#self);
    if (!entry) {
      const { version } = context.roster();
      throw new InputError(
        "identity",
        `expected a peer of the roster, found that version ${version} is without it`,
        { code: "not-permitted" },
      );
    }
    const right = rightFor[kind];
    if (!entry.rights.includes(right)) {
      const found = entry.rights.map((one) => `“${one}”`).join(", ") || "none";
      throw new InputError("identity", `expected the right “${right}” in the roster, found ${found}`, {
        code: "not-permitted",
      });
    }
    if (context.stopping.aborted) {
      throw new InputError("node", "expected a running node, found a stopped one", { code: "wrong-state" });
    }
  }

  /** @throws {InputError} `wallet`, if a known key has this name, or one that looks like it. */
  #requireNewName(request: KeyRequest): void {
    const { keys } = this.#options;
    const { wallet, scheme } = request;
    if (keys.named(request).length > 0) {
      throw new InputError(
        "wallet",
        `expected a new name, found “${wallet}”, which has a key for ${scheme}`,
        { code: "taken" },
      );
    }
    const alike = keys.names.lookAlike(request);
    if (alike === undefined) return;
    const problem = `expected a name that no other wallet's looks like, found “${wallet}” beside “${alike}”`;
    throw new InputError("wallet", problem);
  }
}

/** @throws {InputError} `path`, if it leads to no child key; `items`, if these are too many for the key. */
function checkUses(key: GroupKey, items: readonly SignItem[]): void {
  signingKeys(key, items); // throws for a path that leads to no key
  const most = schemes[key.scheme].mostItems(key.threshold);
  if (items.length <= most) return;
  const signers = `${key.threshold} signers`;
  throw new InputError(
    "items",
    `expected 1 to ${most} for ${key.scheme} and ${signers}, found ${items.length}`,
  );
}

/** The labels of a request as a command has them. @throws {InputError} `id`, `note`, `reference` */
function labelsOf(
  { id, note = "", reference = "" }: RequestLabels,
): Remarks & { id: Uint8Array | undefined } {
  checkRemarks({ note, reference });
  return { id: id === undefined ? undefined : bytesOf(id), note, reference };
}

/** The id of a command, 16 bytes. @throws {InputError} `id` */
function bytesOf(id: CommandId): Uint8Array {
  if (typeof id === "string" && /^[0-9a-f]{32}$/.test(id)) return Uint8Array.fromHex(id);
  throw new InputError("id", `expected 32 lower-case hex digits, found “${id}”`);
}

/** @throws {InputError} If a batch has an input of its own too: nobody would sign that. */
function checkNoInputBeside(request: object): void {
  for (const field of ["message", "digest", "hash", "path", "merkleRoot"]) {
    if (Reflect.get(request, field) !== undefined) {
      throw new InputError(field, "expected it in each item of a batch, found it beside them");
    }
  }
}
