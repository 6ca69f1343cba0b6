/**
 * The invitations that the node with the admin key has given out. They are in memory only: after a restart no
 * token is valid, used or not.
 * @module
 */
import { hash } from "../../../crypto/codec.ts";
import { InputError } from "../../../errors.ts";
import type { PeerId } from "../../../failure.ts";
import { maxInviteMs } from "../../../limits.ts";
import type { Clock, Random } from "../../../ports.ts";
import { maxPeers } from "../roster.ts";
import { type Right, rights as allRights } from "../../records/rights.ts";

/** The options of an invitation. */
export interface InviteOptions {
  /** The rights of the peers that join; default: to hold shares, and no other. */
  rights?: readonly Right[];
  /** The number of peers that may use it; default 1. */
  uses?: number;
  /** The life of the invitation, ms: at most seven days; default an hour. */
  ms?: number;
  /** Whether a person is asked before each use; default: only if it gives the right to hold shares. */
  approval?: boolean;
  /** 16 bytes; default random. The same token after a restart opens a new invitation, with all its uses. */
  token?: Uint8Array;
}

/** An invitation that is open, without its token. */
export interface OpenInvite {
  /** 32 lower-case hex digits, for {@linkcode QuorateNode.revoke}. */
  readonly id: string;
  /** The rights of the peers that join. */
  readonly rights: readonly Right[];
  /** The number of peers that may still use it. */
  readonly uses: number;
  /** The moment of its expiry, ms since 1970 by this node's clock. */
  readonly expires: number;
  /** Whether a person is asked before each use. */
  readonly approval: boolean;
}

/** An invitation, as the node that gave it out knows it. */
export interface Invite {
  readonly id: string;
  readonly rights: readonly Right[];
  readonly expires: number;
  readonly approval: boolean;
  /** The number of uses that are left. */
  uses: number;
  /** The number of nonces that were sent: each is one try at the words of another peer. */
  nonces: number;
  /** The peers that were refused with it, once for each no. */
  readonly declined: PeerId[];
}

/**
 * The number of invitations that are kept. While an ended one is kept, its token is answered with the reason.
 */
const invitesKept = 256;

/** All invitations of one node. Only hashes of tokens are kept. */
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
      if (this.#all.size <= invitesKept) break;
      if (!this.#isOpen(invite)) this.#all.delete(id);
    }
    return token;
  }

  open(): OpenInvite[] {
    return [...this.#all.values()].filter((invite) => this.#isOpen(invite))
      .map(({ id, rights, uses, expires, approval }) => ({ id, rights, uses, expires, approval }));
  }

  /** Closes an invitation. @throws {InputError} `id` */
  revoke(id: string): Invite {
    const invite = this.#all.get(id);
    if (!invite || !this.#isOpen(invite)) {
      throw new InputError("id", `expected one of an open invitation, found “${id}”`, { code: "unknown" });
    }
    invite.uses = 0;
    return invite;
  }

  /**
   * The invitation of a token, or why it opens none. Every guessed token gets the same answer as a used one.
   */
  opens(token: Uint8Array): Invite | "used" | "expired" {
    const invite = this.#all.get(idOf(token));
    if (!invite || invite.uses === 0) return "used";
    return this.#isOpen(invite) ? invite : "expired";
  }

  #isOpen({ uses, expires }: Invite): boolean {
    return uses > 0 && this.#clock.now() < expires;
  }
}

/** The hash of a token, 32 bytes, which does not reveal it. */
export const tokenHash = (token: Uint8Array): Uint8Array => hash("quorate/1/token", token);

/** Half of the hash: it does not reveal the token, and no two are the same. */
const idOf = (token: Uint8Array) => tokenHash(token).slice(0, 16).toHex();

function whole(field: string, found: number, most: number): void {
  if (!Number.isSafeInteger(found) || found < 1 || found > most) {
    throw new InputError(field, `expected 1 to ${most}, found ${found}`);
  }
}
