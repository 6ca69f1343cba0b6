/**
 * The misbehaviours of a demo's peers, and the end that an honest cluster should reach. The ids are sent to the demo.
 * @module
 */
import type { PeerId } from "../../src/failure.ts";
import { type Expectation, strangerFrames } from "../state/scenario.ts";

export interface Cheat {
  id: string;
  /** The author: one of the demo's peers, or a stranger outside the roster. */
  by: "peer" | "stranger";
  /** Completes "Bob will …". `other`: an honest peer's name. */
  will(other: string): string;
  /** Completes "You should see: …". */
  see(name: string, other: string): string;
  expect(peer: PeerId): Expectation;
}

const sign = { kind: "sign", culprits: [], missing: [] } as const;
const fine = () => ({ ...sign, outcome: "done" } as const);

export const cheats: readonly Cheat[] = [
  {
    id: "forged-share",
    by: "peer",
    will: () => "send a forged share",
    see: (name) => `${name} named at once by the peer that checked the share.`,
    expect: (peer) => ({ ...sign, outcome: ["invalid-signature-share"], culprits: [peer] }),
  },
  {
    id: "tampered-multiplication",
    by: "peer",
    will: () => "tamper with the multiplication",
    see: (name, other) =>
      `${name} named by ${other}'s own check. These two never sign together again; others can.`,
    expect: (peer) => ({ ...sign, outcome: ["invalid-multiplication"], culprits: [peer] }),
  },
  {
    id: "two-stories",
    by: "peer",
    will: () => "send contradictions",
    see: (name) =>
      `${name} named by both others: two signed messages contradict each other, and one of them proves nothing.`,
    expect: (peer) => ({
      kind: "generate",
      outcome: ["equivocation", "invalid-proof"],
      culprits: [peer],
      missing: [],
    }),
  },
  {
    id: "garbage",
    by: "peer",
    will: () => "send garbage",
    see: (name) => `${name} named: the message carries a good signature and does not decode.`,
    expect: (peer) => ({ ...sign, outcome: ["malformed-message"], culprits: [peer] }),
  },
  {
    id: "silence",
    by: "peer",
    will: () => "go silent",
    see: (name) => `${name} missing after five seconds, and nobody blamed: silence proves nothing.`,
    expect: (peer) => ({ ...sign, outcome: ["round-timeout"], missing: [peer] }),
  },
  {
    id: "slow",
    by: "peer",
    will: () => "be slow, but in time",
    see: () => "a signature, a little later. Being slow is not a fault.",
    expect: fine,
  },
  {
    id: "crash",
    by: "peer",
    will: () => "crash",
    see: (name) => `${name} missing at once, nobody blamed; five seconds later ${name} is back.`,
    expect: (peer) => ({ ...sign, outcome: ["peer-left"], missing: [peer] }),
  },
  {
    id: "false-accusation",
    by: "peer",
    will: (other) => `accuse ${other} falsely`,
    see: (name, other) => `${name}'s accusation of ${other}, shown without proof. Nobody is blamed.`,
    expect: (peer) => ({ ...sign, outcome: ["aborted-by-peer"], accuser: peer }),
  },
  {
    id: "old-message",
    by: "peer",
    will: () => "copy an old message",
    see: () => "a signature. The copy is ignored.",
    expect: fine,
  },
  {
    id: "forged-frames",
    by: "stranger",
    will: () => `send ${strangerFrames.toLocaleString("en")} forged frames`,
    see: () => "a signature all the same, and one line below that counts the dropped frames.",
    expect: () => ({ ...fine(), warnings: true }),
  },
];
