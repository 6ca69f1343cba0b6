/**
 * The page of a tab that holds shares: the door, and behind it the console of a running holder.
 * @module
 */
import { render } from "preact";
import { autoLock, createNode, type QuorateNode } from "../../mod.ts";
import {
  joinCluster,
  oneTab,
  openBackup,
  persistStorage,
  restoreBackup,
  storageState,
  watchTab,
} from "../../src/browser.ts";
import { platformClock } from "../../src/platform/platform.ts";
import { evidenceChecker } from "../node/evidence.ts";
import { run } from "../main.tsx";
import { linkedSession, sessionLink } from "../text/session_link.ts";
import { pageTransport } from "../node/transport.ts";
import { approvals } from "./approvals.ts";
import { door, type Entered } from "./door.ts";
import { type Linked, linkFragment, readLink } from "./fragment.ts";
import { holding } from "./holding.ts";
import { lockMinutes } from "./minutes.ts";
import { browserDatabases, places } from "./places.ts";
import { amongPeers } from "./self.ts";
import { strengthMeter } from "./strength.ts";
import { vaultStarter } from "./vault.ts";
import { DoorPage } from "./view/door.tsx";
import { holderSlots } from "./view/slots.tsx";

/** @param watch Goes on as one who watches. */
export function startHolder(root: Element, link: Linked | null, watch: (invitation: string) => void): void {
  const asks = approvals();
  const startWorker = vaultStarter(document);
  const measure = strengthMeter(document);
  const entrance = door<QuorateNode>({
    places: places(browserDatabases),
    claim: oneTab,
    join: (invitation, identity, how) =>
      joinCluster(invitation, identity, { ...how, transport: pageTransport() }).then(({ roster }) => roster),
    openBackup: (file, passphrase) => openBackup(file, passphrase, { startWorker }),
    restoreBackup,
    start: ({ identity, roster, store, place }) =>
      createNode({
        identity,
        roster,
        store,
        startWorker,
        transport: pageTransport(),
        approve: asks.approve,
        keepRoster: place.keepRoster,
      }),
    changed: (state) => state.at !== "in" && render(<DoorPage state={state} acts={acts} />, root),
    entered: enter,
  });
  const acts = {
    ...entrance,
    measure,
    follow({ wish, invitation }: Linked) {
      history.replaceState(null, "", `#${linkFragment({ wish, invitation })}`);
      if (wish === "watch") watch(invitation);
      else void entrance.begin({ wish, invitation });
    },
  };
  // Another link was opened in this tab.
  addEventListener("hashchange", () => {
    const other = readLink(location.hash);
    if (other !== null && entrance.state.at !== "in") acts.follow(other);
  });
  void entrance.begin(link);

  function enter(entered: Entered<QuorateNode>): void {
    const { node } = entered;
    // The invitation is used; what is kept here says where this tab belongs.
    const session = linkedSession(location.hash);
    const fragment = session === null ? "" : sessionLink(session, "");
    history.replaceState(null, "", location.pathname + location.search + fragment);
    watchTab(node, { clock: platformClock, page: globalThis, lifecycle: document });
    const mine = holding(entered, {
      approvals: asks,
      persist: persistStorage,
      storage: storageState,
      lockMinutes,
      lockAfter: (minutes) => autoLock(node, { clock: platformClock, ms: minutes * 60_000, activity }),
    });
    mine.watch(() => mine.state.left && location.replace(location.pathname));
    const verifyEvidence = evidenceChecker(node);
    run(root, { node: amongPeers(node), curves: ["ed25519", "secp256k1"], demo: null, verifyEvidence }, {
      holder: holderSlots(mine, { save, measure, reservations: () => node.reservations }),
    });
  }
}

/** Whoever touches the page is there. */
function activity(touched: () => void): Disposable {
  const signs = ["pointerdown", "keydown", "wheel"];
  for (const sign of signs) addEventListener(sign, touched, { passive: true });
  return { [Symbol.dispose]: () => signs.forEach((sign) => removeEventListener(sign, touched)) };
}

function save(name: string, content: Uint8Array): void {
  const url = URL.createObjectURL(new Blob([content.slice()], { type: "application/octet-stream" }));
  const link = document.createElement("a");
  link.href = url;
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), 60_000); // the browser may only begin to read it now
}
