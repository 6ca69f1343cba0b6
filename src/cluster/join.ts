/**
 * How a peer gets into the roster: with a token that the holder of the admin key gave out, good for so many peers and
 * so long, over the one protocol that strangers reach.
 * @module
 */
import { base64urlnopad } from "@scure/base";
import * as v from "valibot";
import { bytes, equal, hash, record, text, uint } from "../crypto/codec.ts";
import { ChannelError, InputError, type PeerId } from "../failure.ts";
import { joinMs, maxJoinFrame, maxStrangers } from "../limits.ts";
import type { Channel, Identity, Network } from "../ports.ts";
import { deadline, orAborted } from "../session/deadline.ts";
import { type Context, protocols } from "./context.ts";
import { type Right, type Roster, signRoster, verifyRoster } from "./roster.ts";
import type { RosterBook } from "./roster_book.ts";
import { askRoster } from "./sync.ts";

const joinRecord = record("quorate/1/join", { token: bytes(16), name: v.pipe(text(32), v.minLength(1)) });
/** It is in: the roster itself is asked for like any peer asks for it. */
const joinedRecord = record("quorate/1/joined", { version: uint });

/** What is in a link's fragment: where to ask, and what to show. */
export interface Invitation {
  /** The cluster's id: the roster that comes back must be signed by it. */
  cluster: PeerId;
  /** Who holds the admin key. */
  peer: PeerId;
  /** Where it can be dialled: multiaddrs. */
  addresses: readonly string[];
  /** 16 bytes. */
  token: Uint8Array;
}

const invitationShape = v.strictTuple([
  v.literal("quorate/1"),
  v.string(),
  v.string(),
  v.array(v.string()),
  v.string(),
]);

/** An invitation as text without blanks, for the fragment of a link: it is never sent to a web server. */
export function formatInvitation({ cluster, peer, addresses, token }: Invitation): string {
  const json = JSON.stringify(["quorate/1", cluster, peer, addresses, base64urlnopad.encode(token)]);
  return base64urlnopad.encode(new TextEncoder().encode(json));
}

/** Reads what {@linkcode formatInvitation} wrote; a leading # is let pass. @throws {InputError} `invitation` */
export function parseInvitation(fragment: string): Invitation {
  try {
    const json = new TextDecoder().decode(base64urlnopad.decode(fragment.replace(/^#/, "")));
    const [, cluster, peer, addresses, token] = v.parse(invitationShape, JSON.parse(json));
    return { cluster, peer, addresses, token: base64urlnopad.decode(token) };
  } catch (cause) {
    throw new InputError(
      "invitation",
      "expected what follows # in an invitation's link, found something else",
      {
        cause,
      },
    );
  }
}

/** What an invitation allows. */
export interface InviteOptions {
  /** What whoever joins may do. */
  rights: readonly Right[];
  /** So many peers may use it; default 1. */
  uses?: number;
  /** So long, ms; default an hour. */
  ms?: number;
  /** 16 bytes; default random. For an invite that outlives a restart of this node. */
  token?: Uint8Array;
}

interface OpenInvite {
  tokenHash: Uint8Array;
  rights: readonly Right[];
  uses: number;
  until: number;
}

/** The invites of a node that holds the admin key. */
export class Invites {
  readonly #context: Context;
  readonly #book: RosterBook;
  readonly #admin: Pick<Identity, "peer" | "sign">;
  readonly #open: OpenInvite[] = [];
  #joining: Promise<unknown> = Promise.resolve();

  constructor(context: Context, book: RosterBook, admin: Pick<Identity, "peer" | "sign">) {
    this.#context = context;
    this.#book = book;
    this.#admin = admin;
    const handler = (channel: Channel) => void this.#asked(channel);
    context.network.handle(protocols.join, handler, { strangers: true, maxFrame: maxJoinFrame });
  }

  /** How many strangers may be connected at this moment. */
  strangers(): number {
    const now = this.#context.clock.now();
    return this.#open.some(({ uses, until }) => uses > 0 && now < until) ? maxStrangers : 0;
  }

  /** @throws {InputError} `token` */
  create({ rights, uses = 1, ms = 3_600_000, token = this.#context.random(16) }: InviteOptions): Invitation {
    const { clock, identity, network } = this.#context;
    if (token.length !== 16) throw new InputError("token", `expected 16 bytes, found ${token.length}`);
    this.#open.push({ tokenHash: hash("quorate/1/token", token), rights, uses, until: clock.now() + ms });
    const { cluster } = this.#book.current;
    return { cluster, peer: identity.peer, addresses: network.addresses(), token };
  }

  async #asked(channel: Channel): Promise<void> {
    using patience = deadline(this.#context.clock, joinMs, this.#context.stopping);
    try {
      const frame = await orAborted(channel.receive(), patience.signal);
      const asked = frame === null ? null : read(frame);
      const joining = this.#joining.then(() => asked && this.#join(channel.peer, asked));
      this.#joining = joining.catch(() => {}); // the next one's turn comes all the same
      const roster = await joining;
      if (!roster) {
        this.#context.teller.warn("unauthentic-frame", channel.peer);
        return channel.abort();
      }
      await channel.send(joinedRecord.encode({ version: roster.version }));
      await channel.end();
    } catch (error) {
      if (!(error instanceof ChannelError)) throw error;
    }
  }

  /** Signs the asker into the next roster. @returns Null without a good token. */
  async #join(peer: PeerId, { token, name }: ReturnType<typeof joinRecord.decode>): Promise<Roster | null> {
    const tokenHash = hash("quorate/1/token", token);
    const now = this.#context.clock.now();
    const invite = this.#open.find((open) =>
      equal(open.tokenHash, tokenHash) && open.uses > 0 && now < open.until
    );
    if (!invite) return null;
    const { peers } = this.#book.current;
    if (peers.some((known) => known.peer === peer)) return this.#book.current;
    const names = new Set(peers.map((known) => known.name));
    let free = name;
    for (let i = 2; names.has(free); i++) free = `${name.slice(0, 28)} ${i}`;
    const next = await signRoster(
      this.#admin,
      [...peers, { peer, name: free, addresses: [], rights: invite.rights }],
      this.#book.current,
    );
    if (!await this.#book.take(next)) return null;
    invite.uses--;
    return next;
  }
}

function read(frame: Uint8Array): ReturnType<typeof joinRecord.decode> | null {
  try {
    return joinRecord.decode(frame);
  } catch {
    return null; // the asker is refused, and counted
  }
}

/**
 * Asks to join, as a stranger.
 *
 * @param network Started, with nobody in its roster yet.
 * @returns The roster in which this peer is.
 * @throws {InputError} `invitation`, if it is not taken: used, expired, or not this cluster's.
 */
export async function askToJoin(
  network: Network,
  identity: Pick<Identity, "verify" | "peer">,
  { cluster, peer, addresses, token }: Invitation,
  { name, signal }: { name: string; signal: AbortSignal },
): Promise<Roster> {
  const refused = (cause?: unknown) =>
    new InputError(
      "invitation",
      "expected one that is open; this one was used, has expired, or nobody answers",
      {
        cause,
      },
    );
  try {
    await network.connect(peer, addresses, signal);
    const channel = await network.open(peer, protocols.join, { maxFrame: maxJoinFrame, signal });
    await channel.send(joinRecord.encode({ token, name }));
    const reply = await orAborted(channel.receive(), signal);
    await channel.end();
    if (reply === null) throw refused();
    const { version } = joinedRecord.decode(reply);
    const roster = await askRoster(network, peer, signal);
    if (roster === null || roster.version < version) throw refused();
    const mine = roster.peers.some((known) => known.peer === identity.peer);
    if (roster.cluster !== cluster || !mine || !await verifyRoster(identity, roster)) throw refused();
    return roster;
  } catch (error) {
    throw error instanceof InputError ? error : refused(error);
  }
}
