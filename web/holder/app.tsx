/**
 * The page of a tab that holds shares: its entry, then the console of the running holder.
 * @module
 */
import { allSchemes } from "../text/schemes.ts";
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
import { save } from "../node/save.ts";
import { run } from "../main.tsx";
import { linkedSession, sessionLink } from "../text/session_link.ts";
import { pageTransport } from "../node/transport.ts";
import { approvals } from "./approvals.ts";
import { Entry, type RunningHolder } from "./entry.ts";
import { type Linked, linkFragment, readLink } from "./fragment.ts";
import { holding } from "./holding.ts";
import { lockMinutes } from "./minutes.ts";
import { browserDatabases, profiles } from "./profiles.ts";
import { amongPeers } from "./self.ts";
import { strengthMeter } from "./strength.ts";
import { vaultStarter } from "./vault.ts";
import { mount } from "../view/mount.tsx";
import { type EntryActs, EntryPage } from "./view/entry.tsx";
import { holderSlots } from "./view/slots.tsx";

/** @param watch Starts the page that only watches instead. */
export function startHolder(root: Element, link: Linked | null, watch: (invitation: string) => void): void {
  const asks = approvals();
  const startWorker = vaultStarter(document);
  const measure = strengthMeter(document);
  const show = mount(root);
  const entry = new Entry<QuorateNode>({
    profiles: profiles(browserDatabases),
    claim: oneTab,
    join: (invitation, identity, how) =>
      joinCluster(invitation, identity, { ...how, transport: pageTransport() }).then(({ roster }) => roster),
    openBackup: (file, passphrase) => openBackup(file, passphrase, { startWorker }),
    restoreBackup,
    start: ({ identity, roster, store, profile }) =>
      createNode({
        identity,
        roster,
        store,
        startWorker,
        transport: pageTransport(),
        approve: asks.approve,
        keepRoster: profile.keepRoster,
      }),
    onChange: (state) => state.at !== "running" && show(<EntryPage state={state} acts={acts} />),
    onRunning: showConsole,
  });
  const acts: EntryActs = {
    entry,
    measure,
    follow({ wish, invitation }: Linked) {
      history.replaceState(null, "", `#${linkFragment({ wish, invitation })}`);
      if (wish === "watch") watch(invitation);
      else void entry.begin({ wish, invitation });
    },
  };
  // Another link was opened in this tab.
  addEventListener("hashchange", () => {
    const other = readLink(location.hash);
    if (other !== null && entry.state.at !== "running") acts.follow(other);
  });
  void entry.begin(link);

  function showConsole(running: RunningHolder<QuorateNode>): void {
    const { node } = running;
    // The invitation is used up; from now on this browser's profile says which cluster the tab belongs to.
    const session = linkedSession(location.hash);
    const fragment = session === null ? "" : sessionLink(session, "");
    history.replaceState(null, "", location.pathname + location.search + fragment);
    watchTab(node, { clock: platformClock, page: globalThis, lifecycle: document });
    const holder = holding(running, {
      approvals: asks,
      persist: persistStorage,
      storage: storageState,
      lockMinutes,
      lockAfter: (minutes) => autoLock(node, { clock: platformClock, ms: minutes * 60_000, activity }),
    });
    holder.watch(() => holder.state.left && location.replace(location.pathname));
    const verifyEvidence = evidenceChecker(node);
    run(root, { node: amongPeers(node), schemes: allSchemes, demo: null, verifyEvidence }, {
      holder: holderSlots(holder, { save, measure, reservations: () => node.reservations }),
    });
  }
}

/** Calls `touched` whenever the person uses the page. */
function activity(touched: () => void): Disposable {
  const signs = ["pointerdown", "keydown", "wheel"];
  for (const sign of signs) addEventListener(sign, touched, { passive: true });
  return { [Symbol.dispose]: () => signs.forEach((sign) => removeEventListener(sign, touched)) };
}
