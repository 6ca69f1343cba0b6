/**
 * The side that is asked: the one peer that holds the admin key hears strangers out, asks a person where the
 * invitation says so, and signs whoever gets in into the next roster.
 * @module
 */
import type { Codec } from "../../crypto/codec.ts";
import { ChannelError, InputError, StoreError } from "../../errors.ts";
import type { PeerId } from "../../failure.ts";
import { joinMs, maxJoinFrame, maxStrangers } from "../../limits.ts";
import type { Channel } from "../../ports.ts";
import { deadline, orAborted } from "../../session/deadline.ts";
import { type Context, protocols } from "../context.ts";
import { type Invite, type InviteOptions, Invites, type OpenInvite } from "./invites.ts";
import { type Invitation, joinAnswer, joinRecord, type Refusal } from "./join.ts";
import { joinDigest, joinNonceLength, joinReveal, opensCommitment } from "./join_words.ts";
import { freeName } from "./peer_name.ts";
import { maxPeers, type Right } from "./roster.ts";
import type { RosterStore } from "./roster_store.ts";
import type { RosterSigner } from "./roster_signer.ts";

/** Somebody asks to be let in. */
export interface JoinRequest {
  /** Its id, which it has proven to have the key of. */
  readonly peer: PeerId;
  /** Its name in the roster: the one it asks for, with a number if that is taken. Anyone can choose any name. */
  readonly name: string;
  /** What it would be allowed. */
  readonly rights: readonly Right[];
  /**
   * The four words that the person who asks reads aloud, and that must be the same here. They are of this asking
   * alone: made of both peers, the invitation and a nonce of each side ({@linkcode joinDigest}).
   */
  readonly words: readonly [string, string, string, string];
  /** So often it was turned away before, with the same invitation. */
  readonly noes: number;
}

/**
 * Decides about a request. The signal aborts when nothing is to be decided any more: the asker has left, the
 * invitation has expired or was revoked, or it was decided elsewhere. Who throws lets nobody in.
 */
export type Admit = (request: JoinRequest, options: { signal: AbortSignal }) => Promise<"accept" | "decline">;

/** So many noes are said about one invitation; then it is in wrong hands, and closes. */
const mostDeclined = 16;

/** So many noes are said to one asker of an invitation, which may ask again until then: a no can be taken back. */
const mostNoes = 3;

/**
 * The number of nonces that an invitation gives out beyond its uses; then it closes. Each is a try of 2^-44 to be
 * shown with the words of somebody else, also where the asker leaves before anybody has seen them. Honest askers need one each, and
 * another when their connection breaks.
 */
const spareNonces = 64;

/** The end of one request to join. `abandoned`: it did not reveal what it had committed to. */
type Verdict = "accept" | "left" | "abandoned" | Refusal;

interface Asker {
  readonly peer: PeerId;
  /** Its name in the roster. */
  readonly name: string;
  readonly wanted: string;
  readonly token: Uint8Array;
  readonly commitment: Uint8Array;
  /** The request that a person decides about; null until the asker has revealed its nonce. */
  request: JoinRequest | null;
  readonly invite: Invite;
  /** Aborted when it is decided. */
  readonly over: AbortController;
  /** The first verdict is the one. */
  decide(verdict: Verdict): void;
  readonly verdict: Promise<Verdict>;
  /** Resolves when an accepted one is in the roster. */
  readonly admitted: PromiseWithResolvers<void>;
}

export interface AdmissionOptions {
  context: Context;
  book: RosterStore;
  pen: RosterSigner;
  /** Null: askers wait for {@linkcode Admission.admit}. */
  admit: Admit | null;
  fourWords(digest: Uint8Array): JoinRequest["words"];
}

/** The invites of a node that holds the admin key, and who is at its door. */
export class Admission {
  readonly #options: AdmissionOptions;
  readonly #invites: Invites;
  /** Who has got hold of a use of an invite, until it is decided. */
  readonly #askers = new Map<PeerId, Asker>();

  constructor(options: AdmissionOptions) {
    this.#options = options;
    this.#invites = new Invites(options.context);
    const handler = (channel: Channel) => void this.#asked(channel);
    options.context.network.handle(protocols.join, handler, { strangers: true, maxFrame: maxJoinFrame });
  }

  /** How many strangers may be connected at this moment. */
  strangers(): number {
    return this.#invites.open().length > 0 ? maxStrangers : 0;
  }

  /** Whether a stranger may stay although its time to ask is over. */
  waits(peer: PeerId): boolean {
    return this.#askers.has(peer);
  }

  /** @throws {InputError} */
  invite(options: InviteOptions = {}): Invitation {
    const { book, context: { identity, network } } = this.#options;
    const token = this.#invites.create(options);
    return { cluster: book.current.cluster, peer: identity.peer, addresses: network.addresses(), token };
  }

  invites(): OpenInvite[] {
    return this.#invites.open();
  }

  /** @throws {InputError} `id` */
  revoke(id: string): void {
    const invite = this.#invites.revoke(id);
    for (const asker of this.#askers.values()) if (asker.invite === invite) asker.decide("used");
  }

  joining(): JoinRequest[] {
    return this.#waiting().map(({ request }) => request!);
  }

  /** @throws {InputError} `peer`, if it does not wait; `peers`, if the roster is full. @throws {StoreError} */
  admit(peer: PeerId): Promise<void> {
    const asker = this.#waitingAs(peer);
    asker.decide("accept");
    return asker.admitted.promise;
  }

  /** @throws {InputError} `peer` */
  reject(peer: PeerId): void {
    this.#waitingAs(peer).decide("declined");
  }

  #waiting(): Asker[] {
    return [...this.#askers.values()].filter(({ request, over }) => request !== null && !over.signal.aborted);
  }

  #waitingAs(peer: PeerId): Asker {
    const asker = this.#waiting().find((waiting) => waiting.peer === peer);
    if (!asker) throw new InputError("peer", `expected one that asks to join, found ${peer}`);
    return asker;
  }

  async #asked(channel: Channel): Promise<void> {
    const { clock, stopping, teller } = this.#options.context;
    try {
      using patience = deadline(clock, joinMs, stopping);
      const frame = await orAborted(channel.receive(), patience.signal);
      const asked = frame === null ? null : read(joinRecord, frame);
      if (asked === null) {
        teller.warn("unauthentic-frame", channel.peer);
        return channel.abort();
      }
      const answer = await this.#answer(channel, asked);
      if (answer === null) return channel.abort();
      await channel.send(joinAnswer.encode(answer));
      await channel.end();
    } catch (error) {
      if (error instanceof StoreError) return channel.abort(); // what is not on disk is not said
      if (!(error instanceof ChannelError)) throw error;
    }
  }

  /** @returns What to say, or null to hang up. */
  async #answer(
    channel: Channel,
    asked: ReturnType<typeof joinRecord.decode>,
  ): Promise<ReturnType<typeof joinAnswer.decode> | null> {
    const { book, context: { teller } } = this.#options;
    const { peer } = channel;
    // It may not have heard that it was let in.
    if (book.peer(peer)) return said("joined", book.current.version);
    const asker = this.#hold(peer, asked);
    if (typeof asker === "string") {
      teller.warn("unauthentic-frame", peer);
      return said(asker);
    }
    const verdict = await this.#decided(channel, asker).finally(() => {
      if (this.#askers.get(peer) === asker) this.#askers.delete(peer);
    });
    if (verdict === "abandoned") teller.warn("unauthentic-frame", peer);
    if (verdict === "left" || verdict === "abandoned") return null;
    return verdict === "accept" ? said("joined", book.current.version) : said(verdict);
  }

  /** Reserves one use of an invite, of which each is one asker's at a time. */
  #hold(
    peer: PeerId,
    { token, commitment, name: wanted }: ReturnType<typeof joinRecord.decode>,
  ): Asker | Refusal {
    const { book } = this.#options;
    const invite = this.#invites.opens(token);
    if (typeof invite === "string") return invite;
    if (noesTo(invite, peer) >= mostNoes) return "declined";
    const older = this.#askers.get(peer);
    if (older?.over.signal.aborted) return "used"; // it is being signed in: the next time it hears so
    const others = [...this.#askers.values()].filter((other) => other.invite === invite && other !== older);
    if (others.length >= invite.uses) return "used";
    older?.decide("left"); // whoever asks anew has given up the older stream
    const over = new AbortController();
    const verdict = Promise.withResolvers<Verdict>();
    const asker: Asker = {
      peer,
      name: freeName(wanted, book.current.peers.map(({ name }) => name)),
      wanted,
      token,
      commitment,
      request: null,
      invite,
      over,
      decide(said) {
        verdict.resolve(said);
        over.abort();
      },
      verdict: verdict.promise,
      admitted: Promise.withResolvers(),
    };
    asker.admitted.promise.catch(() => {}); // whoever admitted it hears of it
    this.#askers.set(peer, asker);
    return asker;
  }

  async #decided(channel: Channel, asker: Asker): Promise<Verdict> {
    const { invite, admitted } = asker;
    if (!invite.approval) asker.decide("accept");
    else await this.#ask(channel, asker);
    let verdict = await asker.verdict;
    if (verdict === "declined") {
      invite.declined.push(asker.peer);
      if (invite.declined.length >= mostDeclined) invite.uses = 0;
    }
    if (verdict === "accept") {
      try {
        await this.#sign(asker);
        admitted.resolve();
      } catch (error) {
        admitted.reject(error);
        if (!(error instanceof InputError)) {
          this.#tell(asker, "refused");
          throw error;
        }
        verdict = "full";
      }
    }
    if (invite.approval && asker.request === null) return verdict; // nobody was asked about it
    this.#tell(asker, verdict === "accept" ? "admitted" : verdict === "left" ? "left" : "refused");
    return verdict;
  }

  /** Asks a person, for as long as the asker stays and the invitation is good. */
  async #ask(channel: Channel, asker: Asker): Promise<void> {
    const { context: { clock, stopping }, admit } = this.#options;
    const { invite, over, verdict } = asker;
    const ms = Math.max(0, invite.expires - clock.now());
    using patience = deadline(clock, ms, stopping);
    const late = () => asker.decide(stopping.aborted ? "left" : "expired");
    patience.signal.addEventListener("abort", late, { once: true });
    const request = await this.#exchange(channel, asker, ms);
    if (request === null || over.signal.aborted) return asker.decide("abandoned"); // if it is not decided otherwise
    asker.request = request;
    // It has said all there is to say: whatever comes of it now, a word or its end, it no longer waits.
    void channel.receive().then(() => asker.decide("left"), () => asker.decide("left"));
    this.#tell(asker, "asking");
    if (admit && !over.signal.aborted) {
      void admit(request, { signal: over.signal }).then(
        (said) => asker.decide(said === "accept" ? "accept" : "declined"),
        () => asker.decide("declined"),
      );
    }
    await verdict;
  }

  /**
   * Sends a nonce, and reads the one that the asker had committed to before.
   *
   * @returns What to ask a person, with the words; or null if the asker reveals something else, nothing, or too late.
   */
  async #exchange(channel: Channel, asker: Asker, ms: number): Promise<JoinRequest | null> {
    const { context: { clock, random, stopping, identity }, book, fourWords } = this.#options;
    const { peer: joiner, name, token, commitment, invite } = asker;
    if (++invite.nonces > invite.uses + spareNonces) {
      invite.uses = 0;
      asker.decide("used");
      return null;
    }
    const admin = identity.peer;
    const own = random(joinNonceLength);
    using patience = deadline(clock, joinMs, stopping);
    try {
      await channel.send(joinAnswer.encode({ says: "waiting", number: ms, nonce: own }));
      const frame = await orAborted(channel.receive(), patience.signal);
      const nonce = frame === null ? null : read(joinReveal, frame)?.nonce ?? null;
      if (nonce === null || !opensCommitment(commitment, nonce, { admin, joiner })) return null;
      const { cluster } = book.current;
      const digest = joinDigest({ cluster, admin, joiner, token }, { joiner: nonce, admin: own });
      return {
        peer: joiner,
        name,
        rights: invite.rights,
        words: fourWords(digest),
        noes: noesTo(invite, joiner),
      };
    } catch (error) {
      if (!(error instanceof ChannelError)) throw error;
      return null; // it has left
    }
  }

  async #sign({ wanted, peer, invite }: Asker): Promise<void> {
    const { rights } = invite;
    await this.#options.pen.change((peers) => {
      if (peers.length >= maxPeers) {
        throw new InputError("peers", `expected at most ${maxPeers}, found one more`);
      }
      const name = freeName(wanted, peers.map(({ name }) => name));
      return [...peers.filter((known) => known.peer !== peer), { peer, name, addresses: [], rights }];
    });
    invite.uses--;
  }

  #tell({ peer, name }: Asker, state: "asking" | "admitted" | "refused" | "left"): void {
    const { book, context: { teller } } = this.#options;
    teller.tell({ type: "join", other: peer, name: book.peer(peer)?.name ?? name, state });
  }
}

const noesTo = ({ declined }: Invite, peer: PeerId) => declined.filter((one) => one === peer).length;

/** An answer without a nonce. */
function said(
  says: ReturnType<typeof joinAnswer.decode>["says"],
  number = 0,
): ReturnType<typeof joinAnswer.decode> {
  return { says, number, nonce: new Uint8Array() };
}

function read<T>(codec: Codec<T>, frame: Uint8Array): T | null {
  try {
    return codec.decode(frame);
  } catch {
    return null; // the asker is refused, and counted
  }
}
