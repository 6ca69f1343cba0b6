/**
 * The sentences: what happened, who did it, whether the key is safe, what to do next. The same on the card, in the log
 * and in the docs.
 * @module
 */
import {
  checkableBy,
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
  "pending": "Your share is on disk. Do not send funds to this address yet.",
  "no-key": "No key was made, so none can be lost. Your other keys are untouched.",
};

const acts: Record<Kind, string> = {
  sign: "sign",
  generate: "create the key",
  reshare: "reshare",
  ecdh: "connect",
};

const list = new Intl.ListFormat("en", { type: "conjunction" });
const capital = (text: string) => text.charAt(0).toUpperCase() + text.slice(1);

/**
 * Says what happened, who did it, whether the key is safe, and what to do next. The same sentences are on the
 * card, in the log and in the docs.
 *
 * @param nameOf This node's name for a peer. Nothing that a peer wrote enters a sentence in any other way.
 */
export function explain(fault: Explainable, nameOf: (peer: PeerId) => string): Explanation {
  const names = (peers: readonly PeerId[]) => peers.length > 0 ? list.format(peers.map(nameOf)) : "a peer";
  if (fault.type === "warning") {
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
  const row: FailureRow = failures[fault.code];
  const words: Record<string, string> = {
    culprits: names(fault.culprits),
    missing: names(fault.missing),
    by: names(fault.claims.map((claim) => claim.by)),
    wallet: fault.wallet ?? "",
    peer: nameOf(fault.peer),
    act: acts[fault.kind],
    Act: capital(acts[fault.kind]),
    "in round": fault.round === null ? "" : ` in round “${fault.round}”`,
    clocks: clocksSentence(fault, nameOf),
  };
  const fill = (text: string) => text.replace(/\{([\w ]+)\}/g, (whole, word) => words[word] ?? whole);
  // Leaving someone out of a new key makes another wallet (2-of-3 becomes 2-of-2): never suggested in passing.
  const next = fault.kind === "generate" && row.remedy === "exclude"
    ? `Look at the node of ${names([...fault.culprits, ...fault.missing])}, then create the key again.`
    : fill(row.next);
  const aboutClocks = row.what.includes("{clocks}") ? "" : words.clocks;
  return {
    what: fill(row.what) + aboutClocks,
    who: whoSentence(fault, row, nameOf, names),
    key: keySentence(fault, nameOf, names),
    next,
  };
}

/** Which clocks are known to be off; empty, or after a space. */
function clocksSentence(
  { clocks = [], peer }: Explainable & { type: "failed" },
  nameOf: (peer: PeerId) => string,
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
  { key, culprits, peer }: Explainable & { type: "failed" },
  nameOf: (peer: PeerId) => string,
  names: (peers: readonly PeerId[]) => string,
): string {
  if (key !== "safe-if-banned" || culprits.length === 0) return keySentences[key];
  return `Your key is safe as long as ${names([peer, ...culprits])} do not sign with it together again; ${
    nameOf(peer)
  } now refuses to.`;
}

function whoSentence(
  fault: Explainable & { type: "failed" },
  row: FailureRow,
  nameOf: (peer: PeerId) => string,
  names: (peers: readonly PeerId[]) => string,
): string {
  const checks = {
    anyone: "The messages are signed, so anyone can check it.",
    recipient: "No one else can repeat that check.",
    nobody: "",
  };
  switch (row.names) {
    case "culprits":
      return `${names(fault.culprits)}. ${nameOf(fault.peer)} checked it. ${checks[checkableBy(fault)]}`
        .trimEnd();
    case "missing":
      return "Nobody is blamed: silence proves nothing.";
    case "claims":
      return fault.claims.map((claim) =>
        claim.peers.length > 0
          ? `${nameOf(claim.by)} says ${
            names(claim.peers)
          }: ${claim.code}. That is hearsay; nobody is blamed.`
          : `${nameOf(claim.by)} says: ${claim.code}. Nobody is blamed.`
      ).join(" ");
    case "nobody":
      return "Nobody is blamed.";
    default:
      return row.names satisfies never;
  }
}
