/**
 * The page of a browser test: the real views with a recorded story. `?story=forged`, `?hostile=7`, `?join=used`, `?ask=text`, `?door=wrong`;
 * `?live` is the whole page on a scripted node.
 * @module
 */
import { render } from "preact";
import { startDemo } from "../../web/demo/main.tsx";
import type { Act } from "../../web/node/actions.ts";
import type { JoinProblem } from "../../web/node/node_port.ts";
import { initial, type State } from "../../web/state/model.ts";
import { type Action, reduce } from "../../web/state/reduce.ts";
import { Header } from "../../web/view/header.tsx";
import { Join, type Joining } from "../../web/view/join.tsx";
import { Misbehave } from "../../web/demo/misbehave.tsx";
import { Page } from "../../web/view/page.tsx";
import { here } from "./events.ts";
import { scriptedConsole } from "./scripted_console.ts";
import { holderView } from "./holder/stage.tsx";
import { hostile, hostileStory } from "./hostile_stories.ts";
import { stories, type Story } from "./stories.ts";

const root = document.querySelector("#app")!;
const query = new URLSearchParams(location.search);

function show(actions: readonly Action[], from: State): void {
  let state = from;
  const dispatch = (action: Action) => {
    state = reduce(state, action, Date.now());
    paint();
  };
  const act: Act = {
    generate: () => null,
    reshare: () => null,
    reshareEach: () => null,
    sign: () => null,
    unfreeze: () => Promise.resolve(null),
    cancel() {},
    follow: () => null,
    check: ({ key }, { peer }) => dispatch({ type: "proof", session: key, by: peer, proof: "proven" }),
    accused() {},
    copy: () => Promise.resolve(true),
    save() {},
    select: (key) => dispatch({ type: "select", key }),
    unfold: (session, open) => dispatch({ type: "unfold", session, open }),
    arm() {},
  };
  const paint = () =>
    render(<Page state={state} act={act} schemes={["ed25519", "ecdsa"]} breakPanel={Misbehave} />, root);
  for (const action of actions) state = reduce(state, action, Date.now());
  paint();
}

function join(joining: Joining): void {
  render(
    <>
      <Header state={null} />
      <main>
        <Join joining={joining} onRetry={() => {}} />
      </main>
    </>,
    root,
  );
}

if (query.has("live")) void startDemo(root, () => scriptedConsole({ ms: Number(query.get("live")) }));
else if (query.has("hostile")) show(hostileStory(hostile[Number(query.get("hostile"))]!), initial);
else if (query.has("join")) {
  const problem = query.get("join") as JoinProblem | "";
  join(
    problem
      ? { state: "refused", problem }
      : { state: "joining", step: { step: "connecting", names: ["Alice", "Bob", "Carol"] } },
  );
} else if (query.has("ask") || query.has("door")) {
  root.replaceChildren();
  render(holderView(query), root);
} else show(stories[(query.get("story") ?? "empty") as Story], here);
