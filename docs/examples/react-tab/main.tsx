import { useState } from "react";
import { createRoot } from "react-dom/client";
import { type ApprovalRequest, explain, type NodeEvent, type QuorateNode } from "@quorate/quorate";
import { startHolder } from "./holder.ts";

/** A request, and where its answer goes. */
type Asked = { request: ApprovalRequest; answer: (yes: boolean) => void };

function App() {
  const [said, say] = useState<string>("Choose a passphrase, which unlocks the share in this tab.");
  const [started, start] = useState(false);
  const [holds, setHolds] = useState(false);
  const [asked, setAsked] = useState<readonly Asked[]>([]);

  const ask = (request: ApprovalRequest, signal: AbortSignal) =>
    new Promise<boolean>((resolve) => {
      const one: Asked = { request, answer: (yes) => (drop(one), resolve(yes)) };
      setAsked((all) => [...all, one]);
      signal.addEventListener("abort", () => one.answer(false));
    });
  const drop = (one: Asked) => setAsked((all) => all.filter((other) => other !== one));

  /** Says what has failed, here or in another peer's view, in the words of `explain`, and what this tab has signed. */
  const follow = (node: QuorateNode) => {
    const nameOf = (peer: string) => node.peers.get(peer as never)?.name ?? peer;
    const write = (event: NodeEvent) => {
      if (event.type === "failed") say(explain(event, nameOf).what);
      if (event.type === "done" && event.kind === "sign" && event.peer === node.self) say(`Signed: ${event.id}`);
    };
    node.events().pipeTo(new WritableStream({ write }));
  };

  async function join(form: FormData) {
    start(true);
    say("Joining…");
    const words = (words: readonly string[]) => say(`Read to whoever lets you in: ${words.join(" ")}`);
    try {
      follow(await startHolder(String(form.get("name")), String(form.get("passphrase")), { words, ask }));
      setHolds(true);
    } catch (error) {
      say(String(error));
      start(false);
    }
  }

  return (
    <main>
      <h1>A share in this tab</h1>
      <p role="status">{said}</p>
      {holds && <p>This tab is a holder.</p>}
      {!started && (
        <form action={join}>
          <label>Name <input name="name" defaultValue="Tab" required /></label>
          <label>Passphrase <input name="passphrase" type="password" required /></label>
          <button>Hold a share</button>
        </form>
      )}
      {asked.map(({ request, answer }) => (
        <section key={request.id} aria-label="Request">
          <p>{request.kind} with “{request.wallet}”? {request.note}</p>
          <button onClick={() => answer(true)}>Yes</button>
          <button onClick={() => answer(false)}>No</button>
        </section>
      ))}
    </main>
  );
}

createRoot(document.getElementById("root")!).render(<App />);
