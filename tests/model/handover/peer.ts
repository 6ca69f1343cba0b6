/**
 * What one peer of the model does, by the product's own code: each act loads a disk, runs the code of `src/` on it, and
 * keeps the disk that comes of it. The acts of a peer on a disk are computed once, and looked up from then on.
 * @module
 */
import { Eraser } from "../../../src/cluster/keys/epochs/eraser.ts";
import { Frozen } from "../../../src/cluster/keys/frozen.ts";
import { Keys } from "../../../src/cluster/keys/keys.ts";
import { EventLog } from "../../../src/cluster/events/event_log.ts";
import { giveUp } from "../../../src/cluster/keys/give_up.ts";
import { commitKey, type CommitOptions, type Dealt } from "../../../src/keystore/commit_key.ts";
import {
  change,
  type KeyRow,
  readRow,
  rowName,
  type RowState,
  rowWithout,
} from "../../../src/keystore/key_rows.ts";
import type { Rows } from "../../../src/keystore/rows.ts";
import { SessionError } from "../../../src/errors.ts";
import type { Envelope } from "../../../src/ports.ts";
import type { Ballot } from "../../../src/session/plan.ts";
import { VirtualClock } from "../../sim/clock.ts";
import { type Content, Disk, textOf, withRows } from "./disk.ts";
import { letter, type Material } from "./offers.ts";

/** A set of peers or of sessions, a bit for each number. */
export type Bits = number;
export const bit = (number: number): Bits => 1 << number;
export const bitsOf = (numbers: readonly number[]): Bits => numbers.reduce((bits, one) => bits | bit(one), 0);

/** An act of a peer in a session. */
export type Act =
  | "begin"
  | "release"
  | "vote"
  | "collect"
  | "witness"
  | "stand"
  | "heal"
  | "learn"
  | "giveUp"
  | "eraseGivenUp"
  | "unlock"
  | "doubt"
  | `no ${number}`
  | `yes ${number}`
  | "sweep"
  | "eraseOld";

/** The outcome of an act: the number of the disk, and what the peer signs by it. */
export interface Outcome {
  readonly disk: number;
  readonly says: "yes" | "no" | null;
}

/** What a disk says about a session. */
export interface RowFacts {
  readonly state: RowState | "none";
  readonly share: boolean;
  /** The members whose yes, and whose no, is kept. */
  readonly yes: Bits;
  readonly nos: Bits;
  /** Whether its certificate is known. */
  readonly certified: boolean;
}

/** What a peer that starts from a disk knows, and may do. */
export interface Facts {
  readonly rows: readonly RowFacts[];
  /** Whether there is a share of the epoch that is dealt anew. */
  readonly holdsOld: boolean;
  readonly retired: boolean;
  /** Whether it would sign with that epoch. */
  readonly signsOld: boolean;
  /** Whether that epoch is released to a session that is not decided. */
  readonly locked: boolean;
}

const nothing: Rows = new Disk(new Map());
/** The bytes of a share: which they are is of no concern to any code outside the worker. */
const share = new Uint8Array([1]);

export class Peers {
  readonly #material: Material;
  readonly #contents: Content[] = [];
  readonly #numbers = new Map<string, number>();
  readonly #clock = new VirtualClock();

  constructor(material: Material) {
    this.#material = material;
  }

  /** The disks that were found so far. */
  get disks(): number {
    return this.#contents.length;
  }

  #number(content: Content): number {
    const text = textOf(content);
    const known = this.#numbers.get(text);
    if (known !== undefined) return known;
    this.#numbers.set(text, this.#contents.length);
    return this.#contents.push(content) - 1;
  }

  /** The disk of a peer before anything happens: with its share, or as one that knows the epoch by its certificate. */
  first(peer: number): number {
    const { before, scenario } = this.#material;
    const row: KeyRow = scenario.members.includes(peer)
      ? { ...before, share }
      : { ...before, state: "known" };
    return this.#number(withRows(new Map(), row));
  }

  async #open(peer: number, rows: Rows): Promise<Keys> {
    const { identities, roster } = this.#material;
    const clock = this.#clock;
    return await Keys.open({
      eventLog: new EventLog({ peer: letter(peer), boot: "00".repeat(8), clock }),
      identity: identities[peer]!,
      clock,
      rows,
      frozen: await Frozen.open(nothing),
      cluster: roster.cluster,
      pastRoster: () => Promise.resolve(roster),
      bannedFor: () => [],
      isPaused: () => false,
    });
  }

  async facts(peer: number, number: number): Promise<Facts> {
    const { before, dealt } = this.#material;
    const disk = new Disk(this.#contents[number]!);
    const keys = await this.#open(peer, disk);
    const keyId = before.session.toHex();
    const retired = keys.epochs.isRetired(keyId);
    const { wallet, scheme } = before.key!;
    const holdsOld = keys.rows.withShare(keyId)?.state === "active";
    const rows: RowFacts[] = [];
    for (const { row: { session, key }, members } of dealt) {
      const row = (await readRow(disk, rowName(session)))?.row;
      const kept = (words: readonly Uint8Array[] = []) =>
        bitsOf(members.filter((_, i) => (words[i]?.length ?? 0) > 0));
      rows.push({
        state: row?.state ?? "none",
        share: (row?.share.length ?? 0) > 0,
        yes: key && row ? kept(row.votes) : 0,
        nos: key && row ? kept(row.nos) : 0,
        certified: keys.certain(session.toHex()),
      });
    }
    return {
      rows,
      holdsOld,
      retired,
      // As of Invitation and chooseParty: the key with the id of the command, unless its epoch is retired.
      signsOld: keys.own({ wallet, scheme, keyId: before.session })?.state === "active" && !retired,
      locked: keys.rows.releasedTo(before.session).length > 0,
    };
  }

  /** @param claims The peers that say that they hold a share of each session's epoch. */
  async act(peer: number, number: number, act: Act, s: number, claims: readonly Bits[]): Promise<Outcome> {
    const disk = new Disk(this.#contents[number]!);
    const says = await this.#run({ peer, disk, s, claims }, act);
    return { disk: this.#number(disk.content()), says };
  }

  async #run({ peer, disk, s, claims }: Run, act: Act): Promise<"yes" | "no" | null> {
    const { dealt, before } = this.#material;
    const { row: { session, votes }, row, members, nos } = dealt[s]!;
    if (act === "release" || act === "vote" || act === "collect" || act === "witness") {
      await this.#commit({ peer, disk, s, claims }, act);
      return null;
    }
    const keys = await this.#open(peer, disk);
    switch (act) {
      case "begin":
        await keys.rows.begin(session);
        return null;
      case "stand": {
        const { position } = await keys.rows.standingIn(session, () => false, () => false);
        return position === "yes" || position === "no" ? position : null;
      }
      case "heal":
        for (const [i, signature] of votes.entries()) {
          await keys.rows.takeVote(session, { by: letter(members[i]!), vote: "yes", signature });
        }
        return null;
      case "learn":
        await keys.learn(row);
        return null;
      case "giveUp":
        await giveUp(keys, { session: session.toHex() });
        return null;
      case "eraseGivenUp":
        // As a node that the rule of `checkErasable` is taken from.
        await keys.rows.erase(session, ["given-up"]);
        return null;
      case "unlock":
        await change(disk, session, (row) => ({ ...row, state: "given-up" }));
        return null;
      case "doubt":
        await keys.rows.doubtOpened();
        return null;
      case "eraseOld":
        await keys.rows.erase(before.session, ["active"]);
        return null;
      case "sweep":
        await this.#sweep(peer, keys, claims);
        return null;
      default: {
        const [vote, by] = act.split(" ") as ["yes" | "no", string];
        const member = Number(by);
        const signature = vote === "yes" ? votes[members.indexOf(member)]! : nos[member]!;
        await keys.rows.takeVote(session, { by: letter(member), vote, signature });
        return null;
      }
    }
  }

  async #sweep(peer: number, keys: Keys, claims: readonly Bits[]): Promise<void> {
    const { dealt } = this.#material;
    const eraser = new Eraser({ keys, self: letter(peer), inUse: () => false });
    for (const [s, { row: { session }, members }] of dealt.entries()) {
      for (const by of members) if (claims[s]! & bit(by)) keys.holds(session, letter(by), true);
    }
    eraser.sweep();
    await new Promise((resolve) => setTimeout(resolve));
  }

  /**
   * Runs {@linkcode commitKey} as if it had come as far as the disk says, and stops it when it has done the one act: its
   * row is written before its word is sent, so the disk is looked at when it sends.
   */
  async #commit({ peer, disk, s }: Run, act: Committing): Promise<void> {
    const { identities, dealt } = this.#material;
    const { row, members, dealers } = dealt[s]!;
    const { session, key, transcript, preimage, parent } = row;
    const now = disk.content();
    const { epochs } = await this.#open(peer, disk);
    if (act !== "release") disk.put(withRows(now, rowWithout("opened", session, this.#clock.now())));
    const stopped = Promise.withResolvers<Content>();
    const ballot = this.#ballot({ peer, disk, s }, { act, now, stop: () => stopped.resolve(disk.content()) });
    const options: CommitOptions = {
      rows: disk,
      identity: identities[peer]!,
      preimage,
      dealtFrom: {
        parent: parent!,
        dealers: dealers.map(letter),
        check: () => epochs.checkCurrent(parent!.session.toHex()),
      },
      changed() {},
    };
    const own = members.includes(peer) ? share : null;
    const outcome: Dealt = { kind: "reshare", key: key!, transcript, share: own, pairs: new Map() };
    const ended = commitKey(options, session, outcome, ballot).then(() => disk.content(), (error) => {
      if (error instanceof SessionError) return now;
      throw error;
    });
    disk.put(await Promise.race([stopped.promise, ended]));
  }

  /** The words of all others, which come when they are waited for; what has happened to the disk since is there by then. */
  #ballot({ peer, disk, s }: Omit<Run, "claims">, { act, now, stop }: Stopping): Ballot {
    const { row, members, releases, votes } = this.#material.dealt[s]!;
    const others = (words: ReadonlyMap<number, Envelope>) =>
      new Map([...words].filter(([by]) => by !== peer).map(([by, word]) => [letter(by), word]));
    const never = new Promise<never>(() => {});
    return {
      opens: new Map(members.map((member) => [letter(member), new Uint8Array([1])])),
      signal: new AbortController().signal,
      release() {
        if (act === "release") {
          stop();
          return never;
        }
        // A member that collects votes has written its share before, whatever its row is by now.
        const before: KeyRow = { ...row, state: "released", votes: [], releases: [] };
        disk.put(act === "collect" ? withRows(now, before) : now);
        return Promise.resolve(others(releases));
      },
      pending() {},
      cast() {
        if (act === "vote") stop();
      },
      collect() {
        if (act === "vote") return never;
        if (act === "collect") disk.put(now);
        return Promise.resolve(others(votes));
      },
      votes: () => others(votes),
      missing: () => [],
    };
  }
}

/** The acts of a running session. */
type Committing = "release" | "vote" | "collect" | "witness";

interface Stopping {
  readonly act: Committing;
  /** The disk as it is when the act begins. */
  readonly now: Content;
  stop(): void;
}

interface Run {
  peer: number;
  disk: Disk;
  s: number;
  claims: readonly Bits[];
}
