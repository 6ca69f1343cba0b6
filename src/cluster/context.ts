/**
 * The base context of a node's cluster side: its ports, limits and store, which every room uses.
 * @module
 */
import type { Scheme } from "../events.ts";
import type { Kind, PeerId } from "../failure.ts";
import type { Rows } from "../keystore/rows.ts";
import type { Limits } from "../limits.ts";
import type { Clock, GuardedVault, Identity, Network, Random, Wire } from "../ports.ts";

/** The facts of the session that a wire belongs to, for the code that wraps the wire. */
export interface WireFacts {
  /** The id of the command or of the link, 32 hex digits. */
  id: string;
  /** 32 bytes. */
  session: Uint8Array;
  kind: Kind;
  /** Null for a link. */
  scheme: Scheme | null;
  /** The number of items that are signed; 0 for a key generation or a link. */
  itemCount: number;
  party: readonly PeerId[];
}

/** The ports of a node, its limits and its store. Each room extends it. */
export interface BaseContext {
  readonly identity: Identity;
  readonly clock: Clock;
  readonly random: Random;
  readonly limits: Limits;
  readonly network: Network;
  readonly rows: Rows;
  readonly vault: GuardedVault;
  /** Wraps the wire of a session, for the demonstration's adversary. */
  wrapWire?(wire: Wire, about: WireFacts): Wire;
  /** Aborted when the node stops. */
  readonly stopping: AbortSignal;
}
