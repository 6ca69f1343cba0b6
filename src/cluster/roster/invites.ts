/**
 * The invitations that the holder of the admin key has given out. They are in memory only: they end with the node's
 * process, so that after a restart no token is good, used or not.
 * @module
 */
import { hash } from "../../crypto/codec.ts";
import { InputError } from "../../errors.ts";
import type { PeerId } from "../../failure.ts";
import { maxInviteMs } from "../../limits.ts";
import type { Clock, Random } from "../../ports.ts";
import { maxPeers, type Right, rights as allRights } from "./roster.ts";

/** What an invitation allows. */
export interface InviteOptions {
  /** What whoever joins may do; default: hold shares, and nothing else. */
  rights?: readonly Right[];
  /** So many peers may use it; default 1. */
  uses?: number;
  /** So long, ms, at most seven days; default an hour. */
  ms?: number;
  /** Whether a person is asked before each use; default: if it gives the right to hold shares. */
  approval?: boolean;
  /** 16 bytes; default random. A token that is given again after a restart opens a new invitation, with all its uses. */
  token?: Uint8Array;
}

/** An invitation that is open, without its token. */
export interface OpenInvite {
  /** 32 lower-case hex digits: what {@linkcode QuorateNode.revoke} takes. */
  readonly id: string;
  /** What whoever joins may do. */
  readonly rights: readonly Right[];
  /** So many peers may still use it. */
  readonly uses: number;
  /** Until when, ms since 1970 on this node's clock. */
  readonly expires: number;
  /** Whether a person is asked. */
  readonly approval: boolean;
}

/** One invitation, as its giver knows it. */
export interface Invite {
  readonly id: string;
  readonly rights: readonly Right[];
  readonly expires: number;
  readonly approval: boolean;
  /** So many are left. */
  uses: number;
  /** How many nonces were sent to askers: each is one try at the words of somebody else. */
  nonces: number;
  /** Who asked with it and was turned away, once for each no. */
  readonly declined: PeerId[];
}

/** Invitations that have ended are known for what they were, until there are so many newer ones. */
const kept = 256;

/** All of one node. Only hashes of tokens are kept. */
export class Invites {
  readonly #clock: Pick<Clock, "now">;
  readonly #random: Random;
  /** By the hash of the token; the oldest first. */
  readonly #all = new Map<string, Invite>();

  constructor({ clock, random }: { clock: Pick<Clock, "now">; random: Random }) {
    this.#clock = clock;
    this.#random = random;
  }

  /** @returns The token. @throws {InputError} `rights`, `uses`, `ms`, `token` */
  create(options: InviteOptions): Uint8Array {
    const { rights = ["holder"], uses = 1, ms = 3_600_000, approval = rights.includes("holder") } = options;
    const token = options.token?.slice() ?? this.#random(16);
    const odd = rights.find((right, i) => !allRights.includes(right) || rights.indexOf(right) !== i);
    if (rights.length === 0 || odd !== undefined) {
      throw new InputError("rights", `expected some of ${allRights.join(", ")}, found ${odd ?? "none"}`);
    }
    whole("uses", uses, maxPeers);
    whole("ms", ms, maxInviteMs);
    if (token.length !== 16) throw new InputError("token", `expected 16 bytes, found ${token.length}`);
    const id = idOf(token);
    const expires = this.#clock.now() + ms;
    this.#all.delete(id);
    this.#all.set(id, { id, rights: [...rights], uses, expires, approval, nonces: 0, declined: [] });
    for (const [id, invite] of this.#all) {
      if (this.#all.size <= kept) break;
      if (!this.#isOpen(invite)) this.#all.delete(id);
    }
    return token;
  }

  open(): OpenInvite[] {
    return [...this.#all.values()].filter((invite) => this.#isOpen(invite))
      .map(({ id, rights, uses, expires, approval }) => ({ id, rights, uses, expires, approval }));
  }

  /** Nobody gets in with it any more. @throws {InputError} `id` */
  revoke(id: string): Invite {
    const invite = this.#all.get(id);
    if (!invite || !this.#isOpen(invite)) {
      throw new InputError("id", `expected one of an open invitation, found “${id}”`);
    }
    invite.uses = 0;
    return invite;
  }

  /** What a token opens, or why it opens nothing. Whoever only guesses hears the same of all that he does not know. */
  opens(token: Uint8Array): Invite | "used" | "expired" {
    const invite = this.#all.get(idOf(token));
    if (!invite || invite.uses === 0) return "used";
    return this.#isOpen(invite) ? invite : "expired";
  }

  #isOpen({ uses, expires }: Invite): boolean {
    return uses > 0 && this.#clock.now() < expires;
  }
}

/** What may be said of a token without giving it away, 32 bytes. */
export const tokenHash = (token: Uint8Array): Uint8Array => hash("quorate/1/token", token);

/** Half of the hash: the token does not follow from it, and no two are alike. */
const idOf = (token: Uint8Array) => tokenHash(token).slice(0, 16).toHex();

function whole(field: string, found: number, most: number): void {
  if (!Number.isSafeInteger(found) || found < 1 || found > most) {
    throw new InputError(field, `expected 1 to ${most}, found ${found}`);
  }
}
