/**
 * The {@linkcode Host} of who only asks others for something: it lets no stranger in, and need not know who comes or goes.
 * @module
 */
import type { PeerId } from "../failure.ts";
import type { Host, Identity } from "../ports.ts";

/** @param admits Whom it talks to. */
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
