/**
 * Every fault, and every phase of a session in which it can happen.
 * @module
 */
import type { Scheme } from "../../src/events.ts";
import { type Phase, phases } from "./tap.ts";

/** Every way in which a schedule goes wrong. */
export const faults = [
  "drop", // a frame never arrives
  "delay", // it arrives late, but in time
  "late", // it arrives when it is over
  "duplicate", // it arrives twice
  "reorder", // all of a phase arrive in any order
  "corrupt", // a byte of it is another: nobody signed or sealed that
  "garbage", // authentic, and does not decode
  "wrong-round", // authentic, of a round that there is not
  "equivocate", // authentic, and another for one peer than for the others; of a go: another session
  "contradict", // authentic, and then another in the same place
  "contradict-vote", // a yes to one, silence to another, and a no when that one asks
  "slander", // an abort that rests on forged evidence against another
  "bad-share",
  "bad-proof",
  "bad-commitment",
  "bad-confirmation",
  "bad-multiplication", // what fails a check that bans
  "other-request", // authentic, and about another signature
  "silence", // from here on nothing comes
  "crash", // the process is gone; it comes back when all is over
  "restart", // it is gone, and soon back with what was on disk
  "rollback", // it is gone, and soon back with what was on disk at an earlier moment
  "clock", // its wall clock leaps
  "partition", // one is cut off for a while
  "store", // a write fails
  "again", // an invite is said once more, after the go
  "foreign", // a member names another as the coordinator of its command
] as const;
export type FaultName = typeof faults[number];

/** Rounds that only ECDSA has. */
export const ecdsaPhases: readonly Phase[] = [
  "key offer",
  "key choose",
  "sign extend",
  "sign correct",
  "sign finish",
];
const rounds: readonly Phase[] = [
  "key reveal",
  "key deal",
  "key confirm",
  "sign commit", // of a batch alone
  "sign share",
  ...ecdsaPhases,
];
/** The accepts, which carry the first round of each protocol. */
const accepts: readonly Phase[] = ["key accept", "sign accept"];
const directRounds: readonly Phase[] = ["key deal", "key offer", "key choose", "sign extend", "sign correct"];
const broadcasts = rounds.filter((phase) => !directRounds.includes(phase));
/** Before, in and after what lasts. */
const inProcess: readonly Phase[] = [
  "command",
  "invite",
  ...accepts,
  "go",
  "open",
  "key confirm",
  "vote",
  "sign share",
  "result",
];
/** Where each fault can happen. */
const places: Record<FaultName, readonly Phase[]> = {
  "drop": phases,
  "delay": phases,
  "late": phases,
  "duplicate": phases,
  "reorder": [...rounds, ...accepts, "go", "open", "vote"],
  "corrupt": phases,
  "garbage": [...rounds, ...accepts, "go", "vote", "link confirm"],
  "wrong-round": [...rounds, "vote", "link confirm"],
  "equivocate": [...broadcasts, "go", "vote"],
  "contradict": [...rounds, "go"],
  "contradict-vote": ["vote"],
  "slander": [
    "key reveal",
    "key deal",
    "key confirm",
    "key choose",
    "sign share",
    "sign correct",
    "sign finish",
  ],
  "bad-share": ["key deal", "sign share", "sign finish"],
  "bad-proof": ["key reveal"],
  "bad-commitment": [...accepts, "key reveal", "key choose", "sign commit", "sign correct"],
  "bad-confirmation": ["key confirm", "link confirm"],
  "bad-multiplication": ["sign extend", "sign correct"],
  "other-request": ["sign extend"],
  "silence": phases,
  "crash": phases,
  "restart": phases,
  "rollback": inProcess,
  "clock": ["link hello", ...inProcess],
  "partition": phases,
  "store": ["open", "vote"],
  "again": ["invite"],
  "foreign": ["command"],
};

export interface Cell {
  fault: FaultName;
  phase: Phase;
  /** Of the key that a schedule is about. */
  scheme: Scheme;
}

/** Faults that are in a peer, and not in its network, its process or its disk. */
const cheats: readonly FaultName[] = [
  "garbage",
  "wrong-round",
  "equivocate",
  "contradict",
  "contradict-vote",
  "slander",
  "bad-share",
  "bad-proof",
  "bad-commitment",
  "bad-confirmation",
  "bad-multiplication",
  "other-request",
];
export const isCheat = ({ fault }: { fault: FaultName }): boolean => cheats.includes(fault);

/** What a network or a process does alike in every round is not tried again in those of ECDSA alone. */
const alike: readonly FaultName[] = ["delay", "reorder", "crash", "partition"];

/** Every fault of Ed25519 in every phase, and those of ECDSA in the rounds that only it has. */
const common: readonly Cell[] = faults.flatMap((fault) =>
  phases.filter((phase) =>
    places[fault].includes(phase) && !(alike.includes(fault) && ecdsaPhases.includes(phase))
  ).map((phase) => ({ fault, phase, scheme: ecdsaPhases.includes(phase) ? "ecdsa" : "ed25519" }))
);

/** The phases that BIP-340 has as Ed25519 does; of what is alike in each, one is enough. */
const bip340: readonly Cell[] = common.filter(({ fault, phase, scheme }) =>
  scheme === "ed25519" && [...rounds, ...accepts, "vote"].includes(phase) &&
  (!alike.includes(fault) || phase === "sign share")
).map((cell) => ({ ...cell, scheme: "bip340" }));

/** The first round of an ECDSA signature is another than that of Ed25519: a promise. */
const ecdsaAccepts: readonly Cell[] = common.filter(({ fault, phase }) =>
  isCheat({ fault }) && phase === "sign accept"
).map((cell) => ({ ...cell, scheme: "ecdsa" }));

/** Every fault in every phase in which it can happen. */
export const cells: readonly Cell[] = [...common, ...bip340, ...ecdsaAccepts];
