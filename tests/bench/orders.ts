/**
 * What the bench and its peers say to each other: JSON lines over standard input and output.
 * @module
 */

import type { Scheme } from "../../src/events.ts";
import type { FailureCode } from "../../src/failure.ts";

/** The first line: who the peer is. */
export interface Beginning {
  dir: string;
  /** 64 hex digits. */
  peerSeed: string;
  storageKey: string;
  roster: string;
  /** Where it listens; the roster may name a relay in front of it. */
  listen: string;
}

/** How late a timer fired, and how much of that time its thread worked, ms. */
export interface Delay {
  late: number;
  own: number;
}

export interface Sent {
  session: number;
  all: number;
}

/** The end of a command in one peer's own view. */
export interface End {
  id: string;
  /** Null for a success. */
  code: FailureCode | null;
  /** By the wall clock, ms. */
  at: number;
}

/** What a peer can be told to do, and what it answers. */
export interface Orders {
  /** Waits until so many links are up, here and by the reports of those peers, or fails. */
  linked: { order: { count: number }; answer: null };
  /** Waits until these signers are connected, a key is known, and enough of its holders are ready. */
  ready: { order: { wallet: string; scheme: Scheme; signers: string[] }; answer: null };
  /** Hangs up on a peer; from being connected again to the link being up, ms. */
  relink: { order: { peer: string }; answer: number };
  /** From the call to the result, ms. */
  generate: {
    order: { wallet: string; scheme: Scheme; threshold: number; members?: string[] };
    answer: number;
  };
  /** Deals a key anew to these members; from the call to the result, ms. */
  reshare: {
    order: { wallet: string; scheme: Scheme; threshold: number; members: string[] };
    answer: number;
  };
  /** `count` signatures, or batches of so many items, `atOnce` at a time: each one's time and that of all, ms. */
  sign: {
    order: {
      wallet: string;
      scheme: Scheme;
      count: number;
      atOnce: number;
      signers?: string[];
      items?: number;
    };
    answer: { each: number[]; all: number };
  };
  /** Signs, and expects it to fail; the command's id. */
  fail: { order: { wallet: string; scheme: Scheme; signers: string[] }; answer: string };
  arm: { order: { cheat: string }; answer: null };
  /** What this peer saw of a failed command. Waits for it. */
  seen: { order: { id: string }; answer: { code: string; ms: number; at: number } };
  /** How a command ended at this peer, at whoever asked by its result; null if no session of it has begun here. Waits for the end. */
  ended: { order: { id: string }; answer: End | null };
  beginDelay: { order: Record<never, never>; answer: null };
  endDelay: { order: Record<never, never>; answer: Delay[] };
  /** Processor time of the whole process since it began, ms. */
  processor: { order: Record<never, never>; answer: number };
  /** What this peer has put on its streams since it began, bytes: those of sessions, and of all. */
  sent: { order: Record<never, never>; answer: Sent };
  /** Resident memory, bytes. */
  memory: { order: Record<never, never>; answer: number };
}

export type Name = keyof Orders;
export type Request = { [N in Name]: { call: number; name: N; order: Orders[N]["order"] } }[Name];
/** `gone`: the last word of a peer that crashes, with the wall clock, ms. */
export type Reply = { call: number; answer: unknown } | { call: number; error: string } | { gone: number };
