/**
 * Peers that run with nothing but the installed package. Copied into an empty folder beside the programs that start them.
 * @module
 */
import { createServer } from "node:net";
import { join } from "node:path";
import { createNode, type QuorateNode, type Right, type Roster, signRoster } from "@quorate/quorate";
import { createKeyFile, keyFile, sqliteStore, webSockets } from "@quorate/quorate/server";

/** The longest wait for what takes a moment, ms. */
export const patience = 30_000;

/** A port that is free at this moment: a roster names it before anybody listens. */
export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer().on("error", reject).listen(0, "127.0.0.1", () => {
      const { port } = server.address() as { port: number };
      server.close(() => resolve(port));
    });
  });
}

/** Makes a key file for each of these peers, and their roster. Holders can be dialled. */
export async function makePeers(
  folder: string,
  peers: Readonly<Record<string, readonly Right[]>>,
): Promise<Roster> {
  const entries = [];
  for (const [name, rights] of Object.entries(peers)) {
    const { peer } = await createKeyFile(join(folder, `${name}.age`));
    const addresses = rights.includes("holder") ? [`/ip4/127.0.0.1/tcp/${await freePort()}/ws`] : [];
    entries.push({ peer, name, addresses, rights });
  }
  return await signRoster(await createKeyFile(join(folder, "admin.age")), entries, null);
}

/** Starts one of them. */
export async function start(folder: string, roster: Roster, name: string): Promise<QuorateNode> {
  const listen = roster.peers.find((peer) => peer.name === name)!.addresses;
  return await createNode({
    identity: await keyFile(join(folder, `${name}.age`)),
    roster,
    store: sqliteStore(join(folder, `${name}.db`)),
    transport: webSockets({ listen: [...listen] }),
    approve: "roster",
  });
}

/** Waits until these nodes, all those that run, are connected, and the holders among them have their links. */
export async function together(nodes: readonly QuorateNode[]): Promise<void> {
  await Promise.all(nodes.map((node) => {
    const others = nodes.filter((other) => other !== node).map(({ self }) => self);
    return node.ready({ peers: others, signal: AbortSignal.timeout(patience) });
  }));
}
