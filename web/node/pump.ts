/**
 * The pump from a node into the page's store: its events as they arrive, and its state every two seconds.
 * @module
 */
import type { Failure, NodeEvent } from "../../src/events.ts";
import { itemsOf } from "../../src/platform/stream.ts";
import { keyId } from "../text/names.ts";
import type { Console } from "./node_port.ts";
import type { AppStore } from "../state/store.ts";

const every = 2_000; // latencies change; nobody reads them faster
const replay = 500; // events from before this tab was opened, as far as its node knows them

/**
 * Runs until the node stops. Never rejects.
 *
 * @param onAccusation Called with each failure that has signed messages as evidence, once it is in the store.
 */
export async function pump(
  { node, demo }: Console,
  store: Pick<AppStore, "dispatch">,
  onAccusation: (failure: Failure) => void,
): Promise<void> {
  let over = false;
  const dispatch: AppStore["dispatch"] = (action) => void (over || store.dispatch(action)); // answers may arrive after the end
  const readNode = () => {
    const rights = node.roster.peers.find(({ peer }) => peer === node.self)?.rights ?? [];
    dispatch({ type: "self", self: node.self, rights });
    dispatch({ type: "peers", peers: new Map(node.peers) });
    dispatch({ type: "bans", bans: node.bans() });
    dispatch({ type: "quarantines", quarantines: node.quarantines() });
    if (demo) void readCheatingPeers();
    void readKeys();
  };
  const readKeys = async () => {
    try {
      const all = await node.keys();
      dispatch({ type: "keys", keys: all });
      for (const key of all) {
        const readiness = await node.readiness({ ...key, keyId: key.session }); // two keys may have one name
        dispatch({ type: "readiness", key: keyId(key), readiness });
      }
    } catch {
      // The next round reads the keys again; the peers' own state is on the page meanwhile.
    }
  };
  const readCheatingPeers = async () => {
    const answers = [...node.peers.keys()].map(async (peer) =>
      await demo!.canMisbehave(peer).catch(() => false) ? [peer] : []
    );
    dispatch({ type: "cheating-peers", peers: (await Promise.all(answers)).flat() });
  };
  readNode();
  const timer = setInterval(readNode, every);
  try {
    for await (const event of itemsOf(node.events({ replay }))) {
      dispatch(event);
      if (event.type === "failed" && event.evidence !== undefined) onAccusation(event);
      if (changesPeers(event)) readNode();
    }
  } catch {
    // A broken stream has ended: the page shows that.
  } finally {
    clearInterval(timer);
    dispatch({ type: "ended" });
    over = true;
  }
}

function changesPeers(event: NodeEvent): boolean {
  return event.type === "peer" || event.type === "ban" || event.type === "quarantine" ||
    event.type === "roster" || event.type === "link" || event.type === "locked" ||
    event.type === "key" ||
    (event.type === "done" && event.kind === "generate");
}
