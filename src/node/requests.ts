/**
 * What may be asked of a cluster through a node, and of whom: what is wrong with a request is said before anything is
 * sent.
 * @module
 */
import type { Bans } from "../cluster/keys/bans.ts";
import {
  checkKeyName,
  checkPeers,
  checkThreshold,
  type Command,
  type KeyChoice,
  rightFor,
} from "../cluster/records/command.ts";
import { type Context, has } from "../cluster/context.ts";
import type { Frozen } from "../cluster/keys/frozen.ts";
import { asKey, asSignature, type Initiator, type RequestOptions } from "../cluster/commands/initiator.ts";
import type { GroupKey, Keys } from "../cluster/keys/keys.ts";
import { messageHashOf } from "../cluster/records/order.ts";
import { askedOf, signingKey } from "../cluster/records/signing.ts";
import { InputError } from "../errors.ts";
import type { PeerId } from "../failure.ts";
import { maxCommandAge } from "../limits.ts";
import type { QuorateNode } from "./api.ts";

/** The part of a node that asks. */
export interface Requests extends Pick<QuorateNode, "generateKey" | "sign"> {
  /** The key of that name. @throws {InputError} `wallet`, if this node knows of none; `key`, if of more than one. */
  known(name: KeyChoice): GroupKey;
}

/** What it asks with, and looks at before. */
export interface RequestsOptions {
  context: Context;
  keys: Keys;
  bans: Bans;
  frozen: Frozen;
  initiator: Initiator;
}

/** Checks requests, and makes commands of those that are good. */
export function requests({ context, keys, bans, frozen, initiator }: RequestsOptions): Requests {
  const self = context.identity.peer;

  /** Who is to coordinate a command for `peers`: this node, if it is one of them. @throws {InputError} */
  function coordinatorOf(peers: readonly PeerId[], field: string): PeerId {
    if (peers.includes(self)) return self;
    const connected = new Set(context.network.connected());
    const first = peers.find((peer) => connected.has(peer)) ?? peers[0];
    if (first === undefined) throw new InputError(field, "expected at least two, found none");
    return first;
  }

  /** The members of a key, without this node if it holds no share or keeps away from too many of them to sign. */
  function mayCoordinate({ members, session, threshold, held }: GroupKey): readonly PeerId[] {
    const apart = new Set([...bans.of(session), ...frozen.quarantined(session)]);
    if (held && members.length - apart.size >= threshold) return members;
    return members.filter((peer) => peer !== self);
  }

  /** Whether this node may ask for such a command now. @throws {InputError} `identity`, `node`, `lifetimeMs` */
  function mayAsk(kind: Command["kind"], { lifetimeMs }: RequestOptions): void {
    if (
      lifetimeMs !== undefined &&
      !(Number.isInteger(lifetimeMs) && lifetimeMs >= 1_000 && lifetimeMs <= maxCommandAge)
    ) {
      throw new InputError("lifetimeMs", `expected 1000 to ${maxCommandAge}, found ${lifetimeMs}`);
    }
    if (!context.member(self)) {
      const { version } = context.roster();
      throw new InputError(
        "identity",
        `expected a peer of the roster, found that version ${version} is without it`,
      );
    }
    const right = rightFor[kind];
    if (!has(context, self, right)) {
      const found = context.member(self)?.rights.map((one) => `“${one}”`).join(", ") || "none";
      throw new InputError("identity", `expected the right “${right}” in the roster, found ${found}`);
    }
    if (context.stopping.aborted) {
      throw new InputError("node", "expected a running node, found a stopped one");
    }
  }

  function known(name: KeyChoice): GroupKey {
    checkKeyName(name);
    const { wallet, curve, key: id } = name;
    const named = keys.named(name);
    if (named.length === 0) {
      throw new InputError("wallet", `expected one with a key on ${curve}, found “${wallet}”`);
    }
    const chosen = id === undefined ? named : named.filter(({ session }) => session === id);
    if (chosen.length === 1) return chosen[0]!;
    const ids = named.map(({ session }) => session).join(", ");
    const among = named.length > 1 ? `the id of one of the ${named.length} keys` : "the id of the key";
    throw new InputError("key", `expected ${among} “${wallet}” on ${curve} (${ids}), found ${id ?? "none"}`);
  }

  return {
    known,
    generateKey(request, options = {}) {
      mayAsk("generate", options);
      checkKeyName(request);
      const roster = context.roster();
      const holders = roster.peers.filter(({ rights }) => rights.includes("holder")).map(({ peer }) => peer);
      const members = checkPeers("members", request.members ?? holders, roster);
      checkThreshold(request.threshold, members.length);
      if (keys.named(request).length > 0) {
        throw new InputError(
          "wallet",
          `expected a new name, found “${request.wallet}”, which has a key on ${request.curve}`,
        );
      }
      const alike = keys.lookAlike(request);
      if (alike !== undefined) {
        const problem =
          `expected a name that no other wallet's looks like, found “${request.wallet}” beside “${alike}”`;
        throw new InputError("wallet", problem);
      }
      const { wallet, curve, threshold } = request;
      const coordinator = coordinatorOf(members, "members");
      const none = new Uint8Array();
      const nothing = { key: none, messageHash: none, digest: none, hash: "none" as const };
      const wanted = { wallet, curve, threshold, members, coordinator, ...nothing, signers: [], path: [] };
      return initiator.begin({ kind: "generate", ...wanted }, none, asKey, options);
    },
    sign(request, options = {}) {
      mayAsk("sign", options);
      const { wallet, curve } = request;
      const key = known(request);
      if (key.state === "pending") {
        throw new InputError("wallet", "expected an active key, found a pending one");
      }
      const asked = askedOf(curve, request);
      signingKey(key, asked.path); // a path without a child is refused here
      const signers = request.signers ? checkPeers("signers", request.signers, context.roster()) : [];
      if (request.signers && signers.length !== key.threshold) {
        throw new InputError("signers", `expected ${key.threshold}, found ${signers.length}`);
      }
      const strange = signers.find((peer) => !key.members.includes(peer));
      if (strange) throw new InputError("signers", `expected members of “${wallet}”, found ${strange}`);
      const coordinator = coordinatorOf(request.signers ? signers : mayCoordinate(key), "signers");
      const { message, ...rest } = asked;
      const messageHash = asked.digest.length > 0 ? new Uint8Array() : messageHashOf(message);
      const about = { wallet, curve, key: Uint8Array.fromHex(key.session), messageHash, ...rest };
      const wanted = { kind: "sign" as const, threshold: 0, members: [], signers, coordinator, ...about };
      return initiator.begin(wanted, message, asSignature(key, { curve, ...asked }), options);
    },
  };
}
