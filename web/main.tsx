/**
 * The product's page: joins, starts a node, folds what it tells, renders.
 * @module
 */
import { render } from "preact";
import { createActions } from "./node/actions.ts";
import { InvitationError } from "../mod.ts";
import { type Connect, type Console, type JoinProblem, NoInvitationError } from "./node/node_port.ts";
import { pump } from "./state/pump.ts";
import { invitationPart, linkedSession } from "./text/session_link.ts";
import { createStore } from "./state/store.ts";
import { About } from "./view/about.tsx";
import { Header } from "./view/header.tsx";
import { Join, type Joining } from "./view/join.tsx";
import { type BreakPanel, type HolderSlots, Page } from "./view/page.tsx";

export type { Connect, Console } from "./node/node_port.ts";

export interface StartOptions {
  breakPanel?: BreakPanel;
  holder?: HolderSlots;
}

/** Takes `root` over. Resolves once there is a node, or a reason why there is none; call it once. */
export async function start(root: Element, connect: Connect, options: StartOptions = {}): Promise<void> {
  const show = (joining: Joining) => render(<Welcome joining={joining} onRetry={retry} />, root);
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
    // Another invitation, or none any more after “Back”, is another page.
    addEventListener("hashchange", () => invitationPart(location.hash) !== opened && location.reload());
  }
  function retry(invitation: string | null): void {
    if (invitation !== null) location.hash = invitation;
    void join();
  }
}

/** What nobody expected is told to the browser's console too. */
function problemOf(error: unknown): JoinProblem {
  if (error instanceof InvitationError) return error.why;
  if (error instanceof NoInvitationError) return "no-invitation";
  reportError(error);
  return "mistake";
}

/** Renders what this node tells until it stops. */
export function run(root: Element, console: Console, { breakPanel, holder }: StartOptions): void {
  const store = createStore((state) =>
    render(
      <Page state={state} act={act} curves={console.curves} breakPanel={breakPanel} holder={holder} />,
      root,
    )
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
