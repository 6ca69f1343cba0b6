/**
 * What the bench and its peers say to each other: JSON lines over standard input and output.
 * @module
 */

import type { Curve } from "../../src/events.ts";

/** The first line: who the peer is. */
export interface Beginning {
  dir: string;
  /** 64 hex digits. */
  peerSeed: string;
  storageKey: string;
  roster: string;
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

/** What a peer can be told to do, and what it answers. */
export interface Orders {
  /** Waits until so many links are up, or fails. */
  linked: { order: { count: number }; answer: null };
  /** Hangs up on a peer; from being connected again to the link being up, ms. */
  relink: { order: { peer: string }; answer: number };
  /** From the call to the result, ms. */
  generate: { order: { wallet: string; curve: Curve; threshold: number }; answer: number };
  /** `count` signatures, `atOnce` at a time: each one's time and that of all, ms. */
  sign: {
    order: { wallet: string; curve: Curve; count: number; atOnce: number; signers?: string[] };
    answer: { each: number[]; all: number };
  };
  /** Signs, and expects it to fail; the command's id. */
  fail: { order: { wallet: string; signers: string[] }; answer: string };
  arm: { order: { cheat: string }; answer: null };
  /** What this peer saw of a failed command. Waits for it. */
  seen: { order: { id: string }; answer: { code: string; ms: number; at: number } };
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
