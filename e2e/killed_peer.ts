/**
 * A peer as a process that can be made to stand still at a named point, killed there, and started again from the same
 * folder.
 * @module
 */
import { fileURLToPath } from "node:url";
import type { KeyName } from "../src/cluster/records/key_name.ts";
import type { Done, NodeEvent, Opened } from "../src/events.ts";
import type { PeerId } from "../src/failure.ts";
import { KilledProcess } from "./killed_process.ts";
import type { SeenRow } from "./programs/seen_rows.ts";
import type { Order } from "./programs/stopping_peer.ts";
import type { Point } from "./programs/stopping_points.ts";

const program = fileURLToPath(new URL("./programs/stopping_peer.ts", import.meta.url));

/** A key as a peer shows it. */
export interface ShownKey extends KeyName {
  state: string;
  publicKey: string;
  epoch: number;
  session: string;
  members: PeerId[];
  held: boolean;
}

/** What a peer says of itself. */
export interface State {
  version: number;
  links: PeerId[];
  keys: ShownKey[];
  /** Everything of keys that is on its disk. */
  rows: SeenRow[];
}

/** One peer: the same folder, one process after the other. */
export class KilledPeer extends KilledProcess<Point, Order> {
  constructor(name: string, readonly peer: PeerId, readonly dir: string) {
    super(name, program, ["--dir", dir]);
  }

  /** Everything that went wrong, as this peer told or heard it. */
  get wrong(): NodeEvent[] {
    return this.events.filter(({ type }) => type === "failed" || type === "ban");
  }

  /** The sessions of a command that this peer has opened and done, in its own view. */
  sessionsOf(id: string): (Opened | Done)[] {
    return this.events.filter((event) => event.type === "opened" || event.type === "done")
      .filter((event) => event.id === id && event.peer === this.peer);
  }

  arm = (point: Point) => this.order({ order: "stop", point });
  slow = (ms: number) => this.order({ order: "slow", ms });
  state = () => this.order({ order: "state" }) as Promise<State>;
  sign = ({ wallet, scheme }: KeyName, signers: string[], message: string) =>
    this.order({ order: "sign", wallet, scheme, signers, message }) as Promise<string>;

  protected override describe(): Promise<unknown> {
    return this.state();
  }
}
