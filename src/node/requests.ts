/**
 * The requests of a node's program: each is checked before anything is sent, and becomes a command to the
 * cluster.
 * @module
 */
import type { Bans } from "../cluster/keys/bans.ts";
import type { Command } from "../cluster/records/command.ts";
import { checkPeers } from "../cluster/commands/check_command.ts";
import {
  checkKeyName,
  checkThreshold,
  type KeyChoice,
  type KeyRequest,
  type RequestLabels,
  type SignRequest,
} from "../cluster/records/key_name.ts";
import { checkRemarks, type Remarks } from "../cluster/records/remarks.ts";
import { rightFor } from "../cluster/records/rights.ts";
import type { Context } from "../cluster/events/event_context.ts";
import type { Session } from "../cluster/commands/handle.ts";
import type { Frozen } from "../cluster/keys/frozen.ts";
import type { Initiator, RequestOptions } from "../cluster/commands/initiator.ts";
import { asKey, asSignature } from "../cluster/commands/results.ts";
import type { GroupKey } from "../cluster/keys/group_key.ts";
import type { Keys } from "../cluster/keys/keys.ts";
import { messageHashOf } from "../cluster/records/order.ts";
import { type Signature, signFields, signingKey } from "../schemes/schemes.ts";
import { InputError } from "../errors.ts";
import type { Scheme } from "../events.ts";
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
      throw new InputError("wallet", `expected one with a key for ${scheme}, found “${wallet}”`);
    }
    const chosen = id === undefined ? named : named.filter(({ session }) => session === id);
    if (chosen.length === 1) return chosen[0]!;
    const ids = named.map(({ session }) => session).join(", ");
    const among = named.length > 1 ? `the id of one of the ${named.length} keys` : "the id of the key";
    throw new InputError(
      "keyId",
      `expected ${among} “${wallet}” for ${scheme} (${ids}), found ${id ?? "none"}`,
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
    this.#requireNewName(request);
    const { id, ...remarks } = labelsOf(request);
    const { wallet, scheme, threshold } = request;
    const coordinators = [this.#coordinatorAmong(members, "members")];
    const none = new Uint8Array();
    const nothing = {
      keyId: none,
      epoch: 0,
      messageHash: none,
      digest: none,
      hash: "none" as const,
      options: none,
    };
    const about = { wallet, scheme, threshold, members, coordinators, ...remarks };
    const command = { kind: "generate" as const, ...about, ...nothing, signers: [], path: [] };
    return initiator.begin(command, none, asKey, { ...options, id });
  }

  /** See `QuorateNode.sign`. */
  sign<S extends Scheme>(request: SignRequest<S>, options: RequestOptions = {}): Session<Signature<S>> {
    this.#requireRight("sign", options);
    const { wallet, scheme } = request;
    const key = this.known(request);
    if (key.state === "pending") {
      throw new InputError("wallet", "expected an active key, found a pending one");
    }
    const { id, ...remarks } = labelsOf(request);
    const fields = signFields(scheme, request);
    signingKey(key, fields); // throws for a path that has no child key
    const signers = this.#signersOf(request, key);
    const candidates = request.signers ? signers : this.#possibleCoordinators(key);
    const coordinators = [this.#coordinatorAmong(candidates, "signers")];
    const { message, ...rest } = fields;
    const messageHash = fields.digest.length > 0 ? new Uint8Array() : messageHashOf(message);
    const named = { wallet, scheme, keyId: Uint8Array.fromHex(key.session), epoch: key.epoch };
    const about = { ...named, messageHash, ...rest, ...remarks };
    const command = { kind: "sign" as const, threshold: 0, members: [], signers, coordinators, ...about };
    const read = asSignature({ ...key, scheme }, fields);
    return this.#options.initiator.begin(command, message, read, { ...options, id });
  }

  /** The signers that a request names, or none. @throws {InputError} `signers` */
  #signersOf(request: SignRequest, key: GroupKey): PeerId[] {
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

  /** The members of a key, without this node if it holds no share, or may not sign with enough of them. */
  #possibleCoordinators({ members, session, threshold, held }: GroupKey): readonly PeerId[] {
    const { bans, frozen } = this.#options;
    const apart = new Set([...bans.of(session), ...frozen.quarantined(session)]);
    if (held && members.length - apart.size >= threshold) return members;
    return members.filter((peer) => peer !== this.#self);
  }

  /** @throws {InputError} `identity`, `node`, `lifetimeMs` */
  #requireRight(kind: Command["kind"], { lifetimeMs }: RequestOptions): void {
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
      );
    }
    const right = rightFor[kind];
    if (!entry.rights.includes(right)) {
      const found = entry.rights.map((one) => `“${one}”`).join(", ") || "none";
      throw new InputError("identity", `expected the right “${right}” in the roster, found ${found}`);
    }
    if (context.stopping.aborted) {
      throw new InputError("node", "expected a running node, found a stopped one");
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
      );
    }
    const alike = keys.names.lookAlike(request);
    if (alike === undefined) return;
    const problem = `expected a name that no other wallet's looks like, found “${wallet}” beside “${alike}”`;
    throw new InputError("wallet", problem);
  }
}

/** The labels of a request as a command has them. @throws {InputError} `id`, `note`, `reference` */
function labelsOf(
  { id, note = "", reference = "" }: RequestLabels,
): Remarks & { id: Uint8Array | undefined } {
  if (id !== undefined && !/^[0-9a-f]{32}$/.test(id)) {
    throw new InputError("id", `expected 32 lower-case hex digits, found “${id}”`);
  }
  checkRemarks({ note, reference });
  return { id: id === undefined ? undefined : Uint8Array.fromHex(id), note, reference };
}
