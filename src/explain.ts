/**
 * The sentences: what happened, who did it, whether the key is safe, what to do next. The same on the card, in the log
 * and in the docs.
 * @module
 */
import {
  checkableBy,
  type Claim,
  type Explainable,
  type FailureRow,
  failures,
  type KeySafety,
  type Kind,
  type PeerId,
  type WarningRow,
  warnings,
} from "./failure.ts";

/** A failure as a person reads it. */
export interface Explanation {
  /** What happened. */
  what: string;
  /** Who did it, and how that is known. */
  who: string;
  /** Whether the key is safe. */
  key: string;
  /** What to do next. */
  next: string;
}

const keySentences: Record<KeySafety, string> = {
  "safe": "Your key is safe. Nothing was learned about it and nothing was changed.",
  "safe-if-banned": "Your key is safe as long as these two do not use it together again.",
  "pending":
    "The key is not finished. What was made of it is kept on disk. Do not send funds to its address yet.",
  "no-key": "No key was made, so none can be lost. Your other keys are untouched.",
};

const acts: Record<Kind, string> = {
  sign: "sign",
  generate: "create the key",
  reshare: "reshare",
  ecdh: "connect",
};

type Failed = Explainable & { type: "failed" };

/** What a sentence is filled with. */
type Words = Readonly<Record<string, string>>;

/** Who reads, and how each peer is called. */
interface Reader {
  nameOf(peer: PeerId): string;
  self: PeerId | null;
}

const list = new Intl.ListFormat("en", { type: "conjunction" });
const capital = (text: string) => text.charAt(0).toUpperCase() + text.slice(1);

/**
 * Says what happened, who did it, whether the key is safe, and what to do next. The same sentences are on the
 * card, in the log and in the docs.
 *
 * @param nameOf This node's name for a peer. Nothing that a peer wrote enters a sentence in any other way.
 * @param self The peer that reads it, if it is one: it is spoken to (“You did not answer”) and not spoken of.
 */
export function explain(
  fault: Explainable,
  nameOf: (peer: PeerId) => string,
  self: PeerId | null = null,
): Explanation {
  const reader: Reader = { nameOf: (peer) => peer === self ? "you" : nameOf(peer), self };
  const told = fault.type === "warning" ? ofWarning(fault, nameOf) : ofFailure(fault, reader);
  const begin = (text: string) => text.replace(/^(you|this peer)\b/, capital);
  return { ...told, what: begin(told.what), who: begin(told.who) };
}

function ofWarning(fault: Explainable & { type: "warning" }, nameOf: Reader["nameOf"]): Explanation {
  const via = fault.via === null ? "" : ` (from ${nameOf(fault.via)})`;
  const row: WarningRow = warnings[fault.code];
  const off = fault.seconds === undefined ? "" : `: theirs is ${ahead(fault.seconds)}`;
  return {
    what: `${fault.count} ${row.what}${off}${via}.`,
    who: "Nobody is blamed.",
    key: "No session was touched.",
    next: row.next ?? "Nothing to do.",
  };
}

function ofFailure(fault: Failed, reader: Reader): Explanation {
  const row: FailureRow = failures[fault.code];
  const key = keySentence(fault, reader);
  if (row.names === "claims") {
    const told = ofClaims(fault, row, reader);
    return { ...told, what: told.what + clocksSentence(fault, reader), key };
  }
  const words = wordsFor(fault, reader);
  const named = { culprits: fault.culprits, missing: fault.missing, nobody: [fault.peer] }[row.names];
  const own = reader.self !== null && named.includes(reader.self) ? row.own ?? ownOf[row.names] : null;
  const others = names([...fault.culprits, ...fault.missing], reader);
  // Leaving someone out of a new key makes another wallet (2-of-3 becomes 2-of-2): never suggested in passing.
  const next = own
    ? filled(own, words)
    : fault.kind === "generate" && row.remedy === "exclude"
    ? `Look at the node of ${others}, then create the key again.`
    : filled(row.next, words);
  const aboutClocks = row.what.includes("{clocks}") ? "" : words.clocks;
  return {
    what: filled(row.what, words) + aboutClocks,
    who: whoSentence(fault, row.names, reader),
    key,
    next,
  };
}

/** What to do for whoever reads about itself; null: as everybody. */
const ownOf: Record<"culprits" | "missing" | "nobody", string | null> = {
  culprits:
    "Look at this peer: another found its messages wrong, so its software or its store may be damaged.",
  missing: "See that this peer can be reached, then try again.",
  nobody: null,
};

const filled = (text: string, words: Words) =>
  text.replace(/\{([\w ]+)\}/g, (whole, word) => words[word] ?? whole);

/** Whether a verb about these ends in s. */
const isOne = (peers: readonly PeerId[], { self }: Reader) => peers.length === 1 && peers[0] !== self;

const names = (peers: readonly PeerId[], { nameOf }: Reader) =>
  peers.length > 0 ? list.format(peers.map(nameOf)) : "a peer";

function wordsFor(fault: Failed, reader: Reader) {
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
    clocks: clocksSentence(fault, reader),
  };
}

/** Claims of who ended a session by itself: “somebody else ended it” is the news of another's end, and no reason. */
export function firstHand(claims: readonly Claim[]): readonly Claim[] {
  return claims.filter(({ code }) => code !== "aborted-by-peer");
}

/** Whether a claim says of others that they broke the protocol. */
export function accuses({ code, peers }: Claim): boolean {
  return failures[code].names === "culprits" && peers.length > 0;
}

/** A failure that others tell of: what they say is theirs, and nobody is blamed for it. */
function ofClaims(fault: Failed, row: FailureRow, reader: Reader): Omit<Explanation, "key"> {
  const words = wordsFor(fault, reader);
  const claims = firstHand(fault.claims);
  if (claims.length === 0) {
    return {
      what: "The session was ended by one of its peers; why, is not known here yet.",
      who: "Nobody is blamed.",
      next: "Try again.",
    };
  }
  const by = names([...new Set(claims.map((claim) => claim.by))], reader);
  const accusing = claims.filter(accuses);
  if (accusing.length > 0) {
    const accusers = [...new Set(accusing.map((claim) => claim.by))];
    const accused = [...new Set(accusing.flatMap(({ peers }) => peers))];
    return {
      what: `${names(accusers, reader)} ended the session and ${
        isOne(accusers, reader) ? "accuses" : "accuse"
      } ${names(accused, reader)}.`,
      who: `${accusing.map((claim) => saying(claim, fault, reader)).join(" ")} No proof came with ` +
        `it, so it is the word of ${names(accusers, reader)} alone. Nobody is blamed.`,
      next: `Try again. If it repeats, look at the nodes of ${
        names([...new Set([...accusers, ...accused])], reader)
      }.`,
    };
  }
  if (claims.every(({ code }) => code === "declined")) {
    const own = claims.every((claim) => claim.by === reader.self);
    return {
      what: `${by} said no.`,
      who: "Nobody is blamed: everyone may say no.",
      next: own ? "Nothing to do. Whoever asked can ask again." : `Ask ${by} why, or choose other peers.`,
    };
  }
  // What a peer says of itself is told as it is: that it is locked, that it has too much to do.
  if (claims.every(({ code }) => failures[code].names === "nobody")) {
    const told = claims.map((claim) => ({
      row: failures[claim.code] as FailureRow,
      at: at(claim, fault, reader),
    }));
    const each = (text: (one: typeof told[number]) => string) => [...new Set(told.map(text))].join(" ");
    const authors = [...new Set(claims.map((claim) => claim.by))];
    const own = authors.every((peer) => peer === reader.self);
    return {
      what: each(({ row, at }) => filled(row.what, at)),
      who: `${by} ${isOne(authors, reader) ? "says" : "say"} so. Nobody is blamed.`,
      next: each(({ row, at }) => filled(own ? row.own ?? row.next : row.next, at)),
    };
  }
  return {
    what: filled(row.what, { ...words, by }),
    who: `${claims.map((claim) => saying(claim, fault, reader)).join(" ")} Nobody is blamed.`,
    next: filled(row.next, { ...words, by }),
  };
}

/** The words of a claim's sentence: it speaks of whom it names, and of who makes it. */
function at({ by, peers }: Claim, fault: Failed, reader: Reader): Words {
  const about = { culprits: peers, missing: peers, claims: [], clocks: [], round: null };
  return wordsFor({ ...fault, ...about, peer: by }, reader);
}

/** One claim, with whoever passes it on: “Bob told Carol: …”. */
function saying(claim: Claim, fault: Failed, reader: Reader): string {
  const { nameOf } = reader;
  return `${nameOf(claim.by)} told ${nameOf(fault.peer)}: ${
    filled(failures[claim.code].what, { ...at(claim, fault, reader), by: "a peer" })
  }`;
}

/** Which clocks are known to be off; empty, or after a space. */
function clocksSentence(
  { clocks = [], peer }: Failed,
  { nameOf }: Reader,
): string {
  if (clocks.length === 0) return "";
  const off = clocks.map((clock) => `the clock of ${nameOf(clock.peer)} is ${ahead(clock.seconds)}`);
  return ` Held against that of ${nameOf(peer)}, ${list.format(off)}.`;
}

/** A difference of clocks, in words. */
function ahead(seconds: number): string {
  const size = Math.abs(seconds);
  const [h, min, s] = [Math.floor(size / 3600), Math.floor(size / 60) % 60, size % 60];
  const parts = [h > 0 ? `${h} h` : "", min > 0 ? `${min} min` : "", h === 0 ? `${s} s` : ""];
  return `${parts.filter((part) => part).join(" ")} ${seconds < 0 ? "behind" : "ahead"}`;
}

function keySentence(
  { key, culprits, peer }: Failed,
  reader: Reader,
): string {
  if (key !== "safe-if-banned" || culprits.length === 0) return keySentences[key];
  return `Your key is safe as long as ${
    names([peer, ...culprits], reader)
  } do not sign with it together again, which ${reader.nameOf(peer)} now ${
    isOne([peer], reader) ? "refuses" : "refuse"
  } to do.`;
}

function whoSentence(
  fault: Failed,
  whom: "culprits" | "missing" | "nobody",
  reader: Reader,
): string {
  if (whom === "missing") return "Nobody is blamed: silence proves nothing.";
  if (whom === "nobody") return "Nobody is blamed.";
  const { peer } = fault;
  const { nameOf } = reader;
  const found = `${names(fault.culprits, reader)}, ${isOne([peer], reader) ? "says" : "say"} ${
    nameOf(peer)
  }, who checked it.`;
  const checks = {
    anyone: " The messages are signed, so anyone can check it.",
    recipient: ` Nobody else can check it, so it is the word of ${nameOf(peer)}.`,
    nobody: "",
  };
  return found + checks[checkableBy(fault)];
}
