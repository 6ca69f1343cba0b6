/**
 * The parts of the sentences about a failure: names of peers, and the words that fill a sentence's places.
 * @module
 */
import type { Claim, Explainable, Kind, PeerId } from "../failure.ts";

/** A failure that can be explained. */
export type Failed = Explainable & { type: "failed" };

/** A part of an explanation. */
export type Part = "what" | "who" | "key" | "next";

/** Says a sentence, or a few that belong together. Its id is without the part that it stands in. */
export type Say = (part: Part, id: string, text: string) => void;

/** The words that fill the places of a sentence. */
export type Words = Readonly<Record<string, string>>;

/** The reader, and the name of each peer for it. */
export interface Reader {
  nameOf(peer: PeerId): string;
  self: PeerId | null;
}

export const list = new Intl.ListFormat("en");

const acts: Record<Kind, string> = {
  sign: "Sign",
  generate: "Create the key",
  reshare: "Reshare",
  ecdh: "Connect",
};

/** A sentence with its places filled. */
export const filled = (text: string, words: Words) =>
  text.replace(/{(\w+)}/g, (whole, word) => words[word] ?? whole);

/** The names of these peers, each once. */
export const names = (peers: readonly PeerId[], { nameOf }: Reader) =>
  peers.length > 0 ? list.format([...new Set(peers)].map(nameOf)) : "a peer";

export const authorsOf = (claims: readonly Claim[]) => claims.map(({ by }) => by);

export function wordsFor({ culprits, missing, claims, wallet, peer, kind, round }: Failed, reader: Reader) {
  return {
    culprits: names(culprits, reader),
    missing: names(missing, reader),
    by: names(authorsOf(claims), reader),
    wallet: `“${wallet}”`,
    peer: peer === reader.self ? "this peer" : reader.nameOf(peer),
    Act: acts[kind],
    round: round === null ? "" : ` in round “${round}”`,
  };
}

/** A difference of clocks in words; it is more than two minutes. */
export const ahead = (seconds: number): string =>
  `${Math.round(Math.abs(seconds) / 60)} min ${seconds < 0 ? "behind" : "ahead"}`;
