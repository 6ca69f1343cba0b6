/**
 * A wire that says something else than its node: above signing and sealing, with the node's own valid keys.
 * @module
 */
import type { PeerId } from "../../src/failure.ts";
import type { Wire } from "../../src/ports.ts";

export interface Said {
  to: PeerId;
  round: string;
  body: Uint8Array;
  audience: "one" | "all";
}

export function saying(wire: Wire, instead: (said: Said) => readonly Said[]): Wire {
  return {
    self: wire.self,
    party: wire.party,
    verify: (statement) => wire.verify(statement),
    send(to, round, body, audience) {
      for (const said of instead({ to, round, body, audience })) {
        wire.send(said.to, said.round, said.body, said.audience);
      }
    },
  };
}
