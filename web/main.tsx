/**
 * The product's page: joins a cluster, starts a node, folds its events into the state, and renders.
 * @module
 */
import { createActions } from "./node/actions.ts";
import { InvitationError } from "../mod.ts";
import { type Connect, type Console, type JoinProblem, NoInvitationError } from "./node/node_port.ts";
import { pump } from "./node/pump.ts";
import { invitationPart, linkedSession } from "./text/session_link.ts";
import { createStore } from "./state/store.ts";
import { About } from "./view/about.tsx";
import { Header } from "./view/header.tsx";
import { Join, type Joining } from "./view/join.tsx";
import { mount } from "./view/mount.tsx";
import { type BreakPanel, type HolderSlots, Page } from "./view/page.tsx";

export type { Connect, Console } from "./node/node_port.ts";

export interface StartOptions {
  breakPanel?: BreakPanel;
  holder?: HolderSlots;
}

/** Takes over `root`. Resolves once the node runs or joining has failed; call it once. */
export async function start(root: Element, connect: Connect, options: StartOptions = {}): Promise<void> {
  const view = mount(root);
  const show = (joining: Joining) => view(<Welcome joining={joining} onRetry={retry} />);
  await join();

  async function join(): Promise<void> {
    show({ state: "joining", step: { step: "key" } });
    let console: Console;
    try {
      console = await connect((step) => show({ state: "joining", step }));
    } catch (error) {
      show({ state: "refused", problem: problemOf(error) });
      return;
    }
    run(root, console, options);
    const opened = invitationPart(location.hash);
    // A change of the invitation, also by “Back”, needs another page.
    addEventListener("hashchange", () => invitationPart(location.hash) !== opened && location.reload());
  }
  function retry(invitation: string | null): void {
    if (invitation !== null) location.hash = invitation;
    void join();
  }
}

/** The problem behind an error; an unexpected error is reported to the browser's console too. */
function problemOf(error: unknown): JoinProblem {
  if (error instanceof InvitationError) return error.why;
  if (error instanceof NoInvitationError) return "no-invitation";
  reportError(error);
  return "mistake";
}

/** Renders the state of this node until it stops. */
export function run(root: Element, console: Console, { breakPanel, holder }: StartOptions): void {
  const show = mount(root);
  const store = createStore((state) =>
    show(<Page state={state} act={act} schemes={console.schemes} breakPanel={breakPanel} holder={holder} />)
  );
  const act = createActions(console, store);
  const follow = () => {
    const session = linkedSession(location.hash);
    if (session !== store.state.linked) store.dispatch({ type: "linked", session });
  };
  addEventListener("hashchange", follow);
  const network = () => store.dispatch({ type: "online", online: navigator.onLine });
  for (const change of ["online", "offline"]) addEventListener(change, network);
  addEventListener("pagehide", () => void console.node.stop(), { once: true });
  void pump(breakPanel ? console : { ...console, demo: null }, store, (failure) => act.accused(failure));
  follow();
  network();
}

function Welcome({ joining, onRetry }: { joining: Joining; onRetry: (invitation: string | null) => void }) {
  return (
    <>
      <Header state={null} />
      <main>
        <Join joining={joining} onRetry={onRetry} />
      </main>
      <footer>
        <About />
      </footer>
    </>
  );
}
