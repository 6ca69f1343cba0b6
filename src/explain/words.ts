/**
 * The parts of the sentences about a failure: names of peers, the words that fill a sentence's places, and sentences with
 * their ids.
 * @module
 */
import type { Claim, Explainable, FailureRow, Kind, PeerId } from "../failure.ts";

/** A failure that can be explained. */
export type Failed = Explainable & { type: "failed" };

/** A sentence, or a few that belong together, and its id. */
export interface Said {
  readonly id: string;
  readonly text: string;
}

/** The sentences of an explanation. */
export type Sentences = Readonly<Record<"what" | "who" | "key" | "next", readonly Said[]>>;

/** The sentence of that id, or none if it is empty. */
export const said = (id: string, text: string): readonly Said[] => text === "" ? [] : [{ id, text }];

/** The words that fill the places of a sentence. */
export type Words = Readonly<Record<string, string>>;

/** The reader, and the name of each peer for it. */
export interface Reader {
  nameOf(peer: PeerId): string;
  self: PeerId | null;
}

export const list = new Intl.ListFormat("en", { type: "conjunction" });
export const capital = (text: string) => text.charAt(0).toUpperCase() + text.slice(1);

const acts: Record<Kind, string> = {
  sign: "sign",
  generate: "create the key",
  reshare: "reshare",
  ecdh: "connect",
};

export const filled = (text: string, words: Words) =>
  text.replace(/\{([\w ]+)\}/g, (whole, word) => words[word] ?? whole);

/** Whether these are one peer in the third person. */
export const isOne = (peers: readonly PeerId[], { self }: Reader) => peers.length === 1 && peers[0] !== self;

export const names = (peers: readonly PeerId[], { nameOf }: Reader) =>
  peers.length > 0 ? list.format(peers.map(nameOf)) : "a peer";

export function wordsFor(fault: Failed, reader: Reader) {
  const clocks = clocksSentence(fault, reader);
  return {
    culprits: names(fault.culprits, reader),
    missing: names(fault.missing, reader),
    was: isOne(fault.missing, reader) ? "was" : "were",
    by: names(fault.claims.map((claim) => claim.by), reader),
    wallet: fault.wallet ?? "",
    peer: fault.peer === reader.self ? "this peer" : reader.nameOf(fault.peer),
    act: acts[fault.kind],
    Act: capital(acts[fault.kind]),
    "in round": fault.round === null ? "" : ` in round “${fault.round}”`,
    clocks: clocks && ` ${clocks}`,
  };
}

/** The words of a claim's sentence: about the peers that it names, and its author. */
export function wordsOfClaim({ by, peers }: Claim, fault: Failed, reader: Reader): Words {
  const about = { culprits: peers, missing: peers, claims: [], clocks: [], round: null };
  return wordsFor({ ...fault, ...about, peer: by }, reader);
}

/** The sentence about what happened. */
export const whatOf = ({ what, resharing }: FailureRow, { kind }: Pick<Failed, "kind">) =>
  kind === "reshare" && resharing !== undefined ? resharing : what;

/** The id of that sentence. */
export const whatId = ({ resharing }: FailureRow, { code, kind }: Pick<Failed, "code" | "kind">) =>
  `what.${code}${kind === "reshare" && resharing !== undefined ? ".reshare" : ""}`;

/** The clocks that are known to be off: empty, or a sentence. */
export function clocksSentence({ clocks = [], peer }: Failed, { nameOf }: Reader): string {
  if (clocks.length === 0) return "";
  const off = clocks.map((clock) => `the clock of ${nameOf(clock.peer)} is ${ahead(clock.seconds)}`);
  return `Compared with the clock of ${nameOf(peer)}, ${list.format(off)}.`;
}

/** A difference of clocks in words. */
export function ahead(seconds: number): string {
  const size = Math.abs(seconds);
  const [h, min, s] = [Math.floor(size / 3600), Math.floor(size / 60) % 60, size % 60];
  const parts = [h > 0 ? `${h} h` : "", min > 0 ? `${min} min` : "", h === 0 ? `${s} s` : ""];
  return `${parts.filter((part) => part).join(" ")} ${seconds < 0 ? "behind" : "ahead"}`;
}
