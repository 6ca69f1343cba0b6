/**
 * From the node into the store: its stream of events, and what is asked of it now and then.
 * @module
 */
import type { Failure, NodeEvent } from "../../src/events.ts";
import { itemsOf } from "../../src/platform/stream.ts";
import { keyId } from "../text/names.ts";
import type { Console } from "../node/node_port.ts";
import type { AppStore } from "./store.ts";

const every = 2_000; // latencies move; nobody reads them faster
const replay = 500; // what went on before this tab was opened, as far as its node has heard

/**
 * Runs until the node stops. Never rejects.
 *
 * @param accuses Told of each failure that rests on signed messages, once it is in the store.
 */
export async function pump(
  { node, demo }: Console,
  store: Pick<AppStore, "dispatch">,
  accuses: (failure: Failure) => void,
): Promise<void> {
  let over = false;
  const dispatch: AppStore["dispatch"] = (action) => void (over || store.dispatch(action)); // answers may come too late
  const look = () => {
    const rights = node.roster.peers.find(({ peer }) => peer === node.self)?.rights ?? [];
    dispatch({ type: "here", self: node.self, rights });
    dispatch({ type: "peers", peers: new Map(node.peers) });
    dispatch({ type: "bans", bans: node.bans() });
    dispatch({ type: "quarantines", quarantines: node.quarantines() });
    if (demo) void speakers();
    void keys();
  };
  const keys = async () => {
    try {
      const all = await node.keys();
      dispatch({ type: "keys", keys: all });
      for (const key of all) {
        const readiness = await node.readiness({ ...key, key: key.session }); // another may have its name
        dispatch({ type: "readiness", key: keyId(key), readiness });
      }
    } catch {
      // What cannot be told now is asked again in a moment; the peers' own state is on the page meanwhile.
    }
  };
  const speakers = async () => {
    const asked = [...node.peers.keys()].map(async (peer) =>
      await demo!.speaks(peer).catch(() => false) ? [peer] : []
    );
    dispatch({ type: "speakers", peers: (await Promise.all(asked)).flat() });
  };
  look();
  const timer = setInterval(look, every);
  try {
    for await (const event of itemsOf(node.events({ replay }))) {
      dispatch(event);
      if (event.type === "failed" && event.evidence !== undefined) accuses(event);
      if (changesPeers(event)) look();
    }
  } catch {
    // A stream that breaks has ended, and that is said.
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
