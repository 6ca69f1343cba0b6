// The node of this tab: a peer that holds shares, in a worker, and asks its person before one is used.
import { type ApprovalRequest, createNode, formatRoster, parseRoster, type QuorateNode } from "@quorate/quorate";
import { indexedDbStore, joinCluster, oneTab, storedIdentity, webSocketsFromTab } from "@quorate/quorate/browser";
import ShareWorker from "@quorate/quorate/worker?worker";

/** What the page is told, and asked. */
export interface Person {
  /** Four words to read aloud to whoever lets this tab in. */
  words(words: readonly string[]): void;
  /** Whether this tab may take part. The signal says that nobody waits any more. */
  ask(request: ApprovalRequest, signal: AbortSignal): Promise<boolean>;
}

/** Joins with the invitation in the address, or comes back: with the same passphrase. */
export async function startHolder(name: string, passphrase: string, person: Person): Promise<QuorateNode> {
  await (await oneTab("quorate")).turn; // two tabs of one peer would break each other's links
  const stored = storedIdentity();
  const identity = await stored.exists()
    ? await stored.unlock({ passphrase })
    : await stored.create({ name, lock: { passphrase } });
  const known = localStorage.getItem("roster");
  const { roster } = known !== null
    ? { roster: parseRoster(known) }
    : await joinCluster(location.hash.slice(1), identity, { name, waiting: person.words });
  localStorage.setItem("roster", formatRoster(roster));
  return await createNode({
    identity,
    roster,
    store: await indexedDbStore("quorate"),
    transport: webSocketsFromTab(),
    startWorker: () => new ShareWorker(),
    approve: async (request, { signal }) => await person.ask(request, signal) ? "accept" : "decline",
  });
}
