/**
 * The {@linkcode Host} of a program that only asks other peers for something: it admits no strangers and
 * ignores events.
 * @module
 */
import type { PeerId } from "../failure.ts";
import type { Host, Identity } from "../ports.ts";

/** @param admits Whether this program talks to a peer. */
export function askingHost(identity: Identity, admits: (peer: PeerId) => boolean): Host {
  return {
    identity,
    admits,
    strangers: () => 0,
    connected: () => {},
    disconnected: () => {},
    changed: () => {},
    reservation: () => {},
    dropped: () => {},
  };
}
