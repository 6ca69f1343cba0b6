/**
 * What peers ask each other when they meet: the newest roster, the certificates of keys, and how a pending key stands.
 * @module
 */
import * as v from "valibot";
import { bytesUpTo, record } from "../../crypto/codec.ts";
import type { SessionId } from "../../events.ts";
import { ChannelError, StoreError, unlessStore } from "../../errors.ts";
import type { PeerId } from "../../failure.ts";
import {
  betweenQuestions,
  farewellMs,
  joinMs,
  keysPerQuestion,
  maxCommandFrame,
  maxLearnt,
  maxQuestions,
  maxToldQuarantines,
  retryFirst,
  retryLast,
  rosterQuestions,
} from "../../limits.ts";
import type { Channel, Network } from "../../ports.ts";
import { type KeyRow, noOf, voteOf } from "../../keystore/key_rows.ts";
import { openRecord } from "../../session/control.ts";
import { deadline, orAborted, pause } from "../../session/deadline.ts";
import { readSigned } from "../../session/signed.ts";
import { banRecord } from "../records/ban_record.ts";
import type { Bans } from "./bans.ts";
import { type Context, has, protocols } from "../context.ts";
import type { EvidenceStore } from "../links/evidence_store.ts";
import {
  decodeCertificate,
  decodeShown,
  encodeCertificate,
  encodeShown,
  maxCertificate,
} from "../../keystore/key_certificate.ts";
import type { Quarantine } from "./frozen.ts";
import type { History } from "../rollback/history.ts";
import type { Keys } from "./keys.ts";
import { historyRecord } from "../rollback/rollbacks.ts";
import { formatRoster, parseRoster, type Roster } from "../roster/roster.ts";
import type { RosterArchive } from "../roster/roster_archive.ts";
import type { RosterStore } from "../roster/roster_store.ts";
import { type About, answerRecord, ask, evidencePart, questionRecord, read } from "./sync_question.ts";
import { decodeQuarantine, encodeQuarantine } from "./told_quarantines.ts";
import { Turns } from "./turns.ts";

/** How a member stands to a session that another has an unfinished key of. */
export const standing = record("quorate/2/standing", {
  /**
   * `yes`: its share is on disk, and it never says anything else. `no`: it never voted and never will. `lost`: it does
   * not remember, and nothing follows from that. `running`: it cannot say yet.
   */
  says: v.picklist(["yes", "no", "lost", "running"]),
  /** Of the yes or the no. */
  signature: bytesUpTo(64),
  /** If the member has one. */
  certificate: bytesUpTo(maxCertificate),
});

/** Keys that are not taken, in the answers to one round of questions: whoever says more has nothing to say. */
const maxRefused = 128;

export interface SyncOptions {
  context: Context;
  book: RosterStore;
  archive: RosterArchive;
  keys: Keys;
  bans: Bans;
  quarantines: {
    /** This node's own. */
    own(): readonly Quarantine[];
    take(by: PeerId, all: readonly Quarantine[]): void;
  };
  /** Of the failures that this node has told of. */
  evidence: EvidenceStore;
  history: History;
  /** This node's presence, and those of others: told at a meeting, so that nobody has to wait for gossip. */
  presence: {
    now(): Promise<Uint8Array>;
    take(presence: Uint8Array, from: PeerId): Promise<unknown>;
    /** The boot of a peer, in hex; null while it is not known. */
    boot(peer: PeerId): string | null;
  };
  /** Whether a session is running here at this moment. */
  running(session: Uint8Array): boolean;
}

export class Sync {
  readonly #options: SyncOptions;
  /** One question for each peer and kind, and a second between two: whoever gossips does not decide how often. */
  readonly #turns: Turns;
  /** Questions of a peer that are being answered. */
  readonly #answering = new Map<PeerId, number>();
  /** The last key that each peer has told of, and in which of its boots: its order is another in each. */
  readonly #heardKeys = new Map<PeerId, { boot: string | null; last: Uint8Array }>();
  /** What peers have shown to a node that was restored. */
  readonly #shown = new Map<PeerId, Set<"roster" | "bans">>();

  constructor(options: SyncOptions) {
    this.#options = options;
    const { clock, stopping } = options.context;
    this.#turns = new Turns(clock, betweenQuestions, stopping);
    options.context.network.handle(protocols.sync, (channel) => void this.#serve(channel), {
      maxFrame: maxCommandFrame,
    });
    options.context.teller.listen((event) => {
      if (event.type === "key" && event.state === "pending") void this.#keepHealing();
    });
    void this.#keepHealing();
  }

  /** Asks again, less and less often, as long as a key is pending: its members may have been there all the time. */
  async #keepHealing(): Promise<void> {
    const { context: { network, clock, stopping }, keys } = this.#options;
    if (this.#healing) return;
    this.#healing = true;
    for (let ms = retryFirst; keys.pending().length > 0; ms = Math.min(retryLast, 2 * ms)) {
      await pause(clock, ms, stopping);
      if (stopping.aborted) return;
      const members = new Set(keys.pending().flatMap(({ key }) => key!.members));
      for (const peer of network.connected().filter((peer) => members.has(peer))) {
        await this.history(peer); // before it gives its word it should know whether its disk went back
        await this.#heal(peer, keys.pending()).catch(unlessStore);
      }
    }
    this.#healing = false;
  }
  #healing = false;

  /** A peer is connected: asks it for what this node may lack. Silence is no fault: the next meeting asks again. */
  async meet(peer: PeerId): Promise<void> {
    await this.roster(peer);
    await this.history(peer); // whose disk went back knows it before it says anything that counts
    await this.#presence(peer);
    await this.keys(peer);
    await this.bans(peer);
    await this.quarantines(peer);
    // What was given up may be a key all the same, or be of no more use to anybody.
    await this.#heal(peer, this.#options.keys.unfinished()).catch(unlessStore);
  }

  #presence(peer: PeerId): Promise<void> {
    return this.#turns.take(`presence ${peer}`, async () => {
      for await (const presence of this.#ask(peer, "presence", new Uint8Array())) {
        await this.#options.presence.take(presence, peer);
      }
    });
  }

  /** Learns of the keys that a peer has certificates of, and of which of them it holds a share: of those that are news. */
  keys(peer: PeerId): Promise<void> {
    return this.#turns.take(`keys ${peer}`, async () => {
      const boot = this.#options.presence.boot(peer);
      const before = this.#heardKeys.get(peer);
      const place = { boot, last: before?.boot === boot && boot !== null ? before.last : new Uint8Array() };
      this.#heardKeys.set(peer, place);
      const budget = { rosters: rosterQuestions, refused: maxRefused };
      let last: Uint8Array | null = place.last;
      for (let left = maxLearnt; left > 0 && last !== null; left -= keysPerQuestion) {
        last = await this.#keysAfter(peer, last, place, budget);
      }
    });
  }

  /**
   * Asks for the keys that changed after that one.
   *
   * @param place Goes on to the last key before one that was not taken: that is asked for again the next time.
   * @returns After which there may be more; null if that was all.
   */
  async #keysAfter(
    peer: PeerId,
    after: Uint8Array,
    place: { last: Uint8Array },
    budget: { rosters: number; refused: number },
  ): Promise<Uint8Array | null> {
    const { keys } = this.#options;
    const pastRoster = (hash: Uint8Array) =>
      budget.rosters-- > 0 ? this.#pastRoster(peer, hash) : Promise.resolve(null);
    let [last, count, whole] = [after, 0, false];
    for await (const encoded of this.#ask(peer, "keys", after, () => whole = true)) {
      const said = read(() => decodeShown(encoded));
      if (said === null) return null; // the rest will be no better
      const { row, held } = said;
      await keys.learn(row, pastRoster).catch(unlessStore);
      keys.holds(row.session, peer, held);
      const taken = keys.certain(row.session.toHex());
      if (!taken && --budget.refused < 0) return null;
      if (taken && place.last === last) place.last = row.session;
      last = row.session;
      count++;
    }
    // An answer that was cut off goes on where it was; one of more than is asked for does not.
    const more = whole ? count === keysPerQuestion : count > 0 && count < keysPerQuestion;
    return more ? last : null;
  }

  /** A roster that was in force once, from a peer that knows of a key that was made under it. */
  async #pastRoster(peer: PeerId, hash: Uint8Array): Promise<Roster | null> {
    for await (const item of this.#ask(peer, "past-roster", hash)) {
      return await this.#options.archive.take(new TextDecoder().decode(item), hash);
    }
    return null;
  }

  /** Shows a peer what it has told of its store, and is shown the same of this node's: who has gone back learns of it. */
  history(peer: PeerId): Promise<void> {
    const { restoration, rollbacks } = this.#options.history;
    return this.#turns.take(`history ${peer}`, async () => {
      const shown = historyRecord.encode({ seen: rollbacks.proofsFor(peer) });
      for await (const mine of this.#ask(peer, "history", shown)) await restoration.shown(mine);
    });
  }

  /** Hears which pairs a peer has banned: to be shown; and which this node itself has, should it have lost that. */
  bans(peer: PeerId): Promise<void> {
    const { context: { identity, teller, member }, bans } = this.#options;
    return this.#turns.take(`bans ${peer}`, async () => {
      let whole = false;
      for await (const encoded of this.#ask(peer, "bans", new Uint8Array(), () => whole = true)) {
        const told = await readSigned(identity, banRecord, encoded);
        if (told === null || ![peer, identity.peer].includes(told.by) || !member(told.by)) return;
        const lost = await bans.tell(told);
        if (lost === null) continue;
        teller.tell({ type: "ban", wallet: lost.wallet, curve: lost.curve, pair: [lost.by, lost.other] });
      }
      if (whole) await this.#compared(peer, "bans");
    });
  }

  /** Hears which pairs a peer has quarantined, to be shown. */
  quarantines(peer: PeerId): Promise<void> {
    return this.#turns.take(`quarantines ${peer}`, async () => {
      const all: Quarantine[] = [];
      let whole = false;
      for await (const encoded of this.#ask(peer, "quarantines", new Uint8Array(), () => whole = true)) {
        const told = read(() => decodeQuarantine(encoded, peer));
        if (told === null) return;
        all.push(told);
      }
      if (whole && this.#options.context.member(peer)) this.#options.quarantines.take(peer, all);
    });
  }

  /** A piece of evidence that a peer has told of, or null if it does not give it. Whoever asks checks its hash. */
  async evidence(peer: PeerId, hash: string): Promise<Uint8Array | null> {
    const parts: Uint8Array[] = [];
    for await (const part of this.#ask(peer, "evidence", Uint8Array.fromHex(hash))) parts.push(part);
    if (parts.length === 0) return null;
    const whole = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
    let at = 0;
    for (const part of parts) {
      whole.set(part, at);
      at += part.length;
    }
    return whole;
  }

  /** Shows a peer the roster in force, and takes its own if that is newer. */
  roster(peer: PeerId): Promise<void> {
    return this.#turns.take(`roster ${peer}`, async () => {
      const mine = new TextEncoder().encode(formatRoster(this.#options.book.current));
      for await (const theirs of this.#ask(peer, "roster", mine)) {
        const roster = read(() => parseRoster(new TextDecoder().decode(theirs)));
        if (roster === null) continue;
        await this.#options.book.take(roster).catch(unlessStore);
        const { cluster, version } = this.#options.book.current;
        if (roster.cluster === cluster && roster.version <= version) await this.#compared(peer, "roster");
      }
    });
  }

  /** A node that was restored waits until enough others have shown both. */
  async #compared(peer: PeerId, what: "roster" | "bans"): Promise<void> {
    const { restoration } = this.#options.history;
    if (restoration.state === null) return;
    const both = this.#shown.get(peer) ?? new Set();
    this.#shown.set(peer, both.add(what));
    if (both.size === 2) await restoration.compared(peer);
  }

  /** Shows a peer the roster in which it no longer is, so that it knows: it will not be let in to ask. */
  async farewell(peer: PeerId): Promise<void> {
    const { context: { network, clock, stopping }, book } = this.#options;
    const shown = new TextEncoder().encode(formatRoster(book.current));
    using patience = deadline(clock, farewellMs, stopping);
    for await (
      const _theirs of ask(network, peer, { about: "roster", shown }, patience.signal)
    ) { /* not asked */ }
  }

  async *#ask(
    peer: PeerId,
    about: About,
    shown: Uint8Array,
    answered?: () => void,
  ): AsyncGenerator<Uint8Array, void> {
    const { network, clock, stopping, teller } = this.#options.context;
    using patience = deadline(clock, joinMs, stopping);
    const excess = () => teller.warn("oversized-frame", peer);
    yield* ask(network, peer, { about, shown, excess, ...(answered ? { answered } : {}) }, patience.signal);
  }

  async #serve(channel: Channel): Promise<void> {
    const { peer } = channel;
    const others = this.#answering.get(peer) ?? 0;
    if (others >= maxQuestions) return channel.abort();
    this.#answering.set(peer, others + 1);
    try {
      await this.#serveOne(channel);
    } finally {
      const left = this.#answering.get(peer)! - 1;
      if (left > 0) this.#answering.set(peer, left);
      else this.#answering.delete(peer);
    }
  }

  async #serveOne(channel: Channel): Promise<void> {
    const { clock, stopping } = this.#options.context;
    const inTime = async <T>(outcome: Promise<T>) => {
      using patience = deadline(clock, joinMs, stopping);
      return await orAborted(outcome, patience.signal);
    };
    try {
      const asked = await inTime(channel.receive());
      const q = asked === null ? null : read(() => questionRecord.decode(asked));
      if (q === null) return channel.abort();
      for (const item of await this.#answer(channel.peer, q.about, q.shown)) {
        const sent = channel.send(answerRecord.encode({ item })).then(() => true);
        if (await inTime(sent) === null) return channel.abort(); // who does not read is not waited for
      }
      await channel.end();
    } catch (error) {
      if (error instanceof StoreError) return channel.abort(); // what is not on disk is not said
      if (!(error instanceof ChannelError)) throw error;
    }
  }

  async #answer(peer: PeerId, about: About, shown: Uint8Array): Promise<Iterable<Uint8Array>> {
    const { book } = this.#options;
    switch (about) {
      case "roster": {
        const theirs = read(() => parseRoster(new TextDecoder().decode(shown)));
        if (theirs) await book.take(theirs);
        return [new TextEncoder().encode(formatRoster(book.current))];
      }
      case "presence":
        return [await this.#options.presence.now()];
      case "history": {
        const { restoration, rollbacks } = this.#options.history;
        for (const mine of read(() => historyRecord.decode(shown))?.seen ?? []) await restoration.shown(mine);
        return rollbacks.proofsFor(peer);
      }
      case "keys":
        return this.#certificates(shown.toHex());
      case "bans":
        return await this.#options.bans.told(this.#options.context.identity, peer);
      case "quarantines":
        return this.#options.quarantines.own().slice(0, maxToldQuarantines).map(encodeQuarantine);
      case "vote":
        return has(this.#options.context, peer, "holder") ? [await this.#standing(shown)] : [];
      case "past-roster": {
        const roster = await this.#options.archive.find(shown);
        return roster ? [new TextEncoder().encode(formatRoster(roster))] : [];
      }
      case "evidence":
        return this.#evidence(peer, shown.toHex());
      default:
        return about satisfies never;
    }
  }

  /** The first certificates after the key with the id `after`, each encoded when its turn comes. */
  *#certificates(after: SessionId): Generator<Uint8Array> {
    let left = keysPerQuestion;
    for (const { row, held } of this.#options.keys.certificates(after)) {
      if (left-- === 0) return;
      yield encodeShown(row, held);
    }
  }

  /**
   * Evidence says what was asked for (not the message itself), and who said what in a session that failed: holders and
   * observers may see it, and who asked for what failed.
   */
  #evidence(peer: PeerId, hash: string): Uint8Array[] {
    const kept = this.#options.evidence.get(hash);
    const { context } = this.#options;
    const may = has(context, peer, "holder") || has(context, peer, "observer") || peer === kept?.initiator;
    if (!kept || !may) return [];
    const parts = Math.ceil(kept.encoded.length / evidencePart);
    return Array.from(
      { length: parts },
      (_, i) => kept.encoded.slice(i * evidencePart, (i + 1) * evidencePart),
    );
  }

  /** This node's word about a session in which it took part. What it says, is on disk before. */
  async #standing(shown: Uint8Array): Promise<Uint8Array> {
    const { context: { identity }, keys, history: { restoration }, running } = this.#options;
    const none = new Uint8Array();
    const open = await readSigned(identity, openRecord, shown);
    // Only a session that this node has opened itself, and only one that makes a key: all others leave no row.
    if (open?.by !== identity.peer || open.value.kind !== "generate") {
      return standing.encode({ says: "lost", signature: none, certificate: none });
    }
    const { session } = open.value;
    const stands = await keys.stand(session, () => running(session), () => restoration.isCopy);
    if (stands.says === "no") {
      return standing.encode({ says: "no", signature: await noOf(identity, session), certificate: none });
    }
    if (stands.says !== "yes") {
      return standing.encode({ says: stands.says, signature: none, certificate: none });
    }
    const { row } = stands;
    const proof = row.state === "active" ? encodeCertificate(row) : none;
    return standing.encode({ says: "yes", signature: await voteOf(identity, row), certificate: proof });
  }

  /** Asks a member of each of these keys how it stands. */
  async #heal(peer: PeerId, rows: readonly KeyRow[]): Promise<void> {
    const { keys, running } = this.#options;
    for (const { session, key, opens } of rows) {
      const open = opens[key!.members.indexOf(peer)] ?? new Uint8Array();
      if (open.length === 0 || running(session)) continue;
      for await (const encoded of this.#ask(peer, "vote", open)) {
        const said = read(() => standing.decode(encoded));
        if (!said) continue;
        const proof = said.certificate.length > 0 ? read(() => decodeCertificate(said.certificate)) : null;
        if (proof) await keys.promote(session, proof.votes);
        const { says, signature } = said;
        if (says === "yes" || says === "no") await keys.heard(session, { by: peer, says, signature });
      }
    }
  }
}

/** The roster in force at a peer, whoever signed it; null if it does not say. */
export async function askRoster(network: Network, peer: PeerId, signal: AbortSignal): Promise<Roster | null> {
  for await (const item of ask(network, peer, { about: "roster", shown: new Uint8Array() }, signal)) {
    return read(() => parseRoster(new TextDecoder().decode(item)));
  }
  return null;
}
