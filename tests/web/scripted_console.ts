/**
 * A console whose node follows a script: for tests of what the page does, not of what a cluster does.
 * @module
 */
import type { NodeEvent } from "../../src/events.ts";
import { InputError, SessionError } from "../../src/errors.ts";
import type { Console, GroupKey, SessionHandle, Signature } from "../../web/node/node_port.ts";
import { alice, bob, carol, hex, key, links, me, peers, told } from "./events.ts";
import { generateRounds, signRounds } from "./stories.ts";
import { through } from "./events.ts";

export interface Scripted extends Console {
  /** What was asked of it, in order. */
  asked: string[];
  tell(event: NodeEvent): void;
}

/** Creates a key, signs with it, and has an armed peer forge a share. `ms`: between two events. */
export async function scriptedConsole({ ms = 0 }: { ms?: number } = {}): Promise<Scripted> {
  const pair = await crypto.subtle.generateKey("Ed25519", true, ["sign", "verify"]) as CryptoKeyPair;
  const publicKey = new Uint8Array(await crypto.subtle.exportKey("raw", pair.publicKey));
  const keys: GroupKey[] = [];
  const asked: string[] = [];
  let armed: string | null = null;
  let sink: ReadableStreamDefaultController<NodeEvent> | undefined;
  const stream = new ReadableStream<NodeEvent>({ start: (controller) => void (sink = controller) });
  const tell = (event: NodeEvent) => sink?.enqueue(event);
  const all = [alice, bob, carol];
  let count = 0;
  for (const link of links) tell(link);

  async function play(events: readonly NodeEvent[]): Promise<void> {
    for (const event of events) {
      await new Promise((done) => setTimeout(done, ms));
      tell(event);
    }
  }
  function handle<T>(id: string, run: () => Promise<T>): SessionHandle<T> {
    const empty = () => new ReadableStream<never>({ start: (controller) => controller.close() });
    return { id, result: run(), events: empty, errors: empty, cancel: () => asked.push(`cancel ${id}`) };
  }

  return {
    curves: ["ed25519"],
    asked,
    tell,
    verifyEvidence: () => Promise.resolve("proven"),
    demo: {
      speaks: (peer) => Promise.resolve(all.includes(peer)),
      misbehave(peer, { cheat }) {
        asked.push(`misbehave ${cheat}`);
        armed = peer;
        return Promise.resolve();
      },
      stranger(frames) {
        asked.push(`stranger ${frames}`);
        return Promise.resolve();
      },
    },
    node: {
      self: me,
      peers,
      roster: { peers: [{ peer: me, rights: ["initiator", "manager", "observer"] }] },
      keys: () => Promise.resolve([...keys]),
      readiness: () =>
        Promise.resolve({ quorate: true, ready: all, missing: [], banned: [], quarantined: [] }),
      bans: () => [],
      quarantines: () => [],
      events: () => stream,
      stop: () => Promise.resolve(sink?.close()),
      generateKey({ wallet, curve, threshold, members = all }) {
        if (wallet.trim() === "") throw new InputError("wallet", "expected 1 to 64 characters, found none");
        asked.push(`generate ${wallet} ${threshold} of ${members.length}`);
        const t = told({ id: `51ee${++count}`, kind: "generate", wallet });
        return handle(t.id, async () => {
          await play([
            t.began(alice),
            t.proposed(alice, members),
            ...members.map((peer) => t.opened(peer, members, generateRounds)),
            ...through(t, members, generateRounds),
            ...members.map((peer) => t.done(peer)),
          ]);
          const made: GroupKey = { ...key, wallet, curve, threshold, members, publicKey };
          keys.push(made);
          return made;
        });
      },
      sign({ wallet, message = new Uint8Array(), signers = [alice, bob] }) {
        asked.push(`sign ${signers.map((peer) => peers.get(peer)?.name).join("+")}`);
        const t = told({ id: `a90c${++count}`, wallet });
        return handle<Signature>(t.id, async () => {
          const cheats = armed !== null && signers.includes(armed) ? armed : null;
          await play([
            t.began(signers[0]!),
            t.proposed(signers[0]!, signers),
            ...signers.map((peer) => t.opened(peer, signers, signRounds)),
            ...through(t, signers, cheats ? ["commit"] : signRounds),
          ]);
          if (cheats) {
            armed = null;
            const honest = signers.find((peer) => peer !== cheats)!;
            const about = { round: "share", culprits: [cheats], evidence: hex("aa") };
            await play([t.begun(honest, "share"), t.failed(honest, "invalid-signature-share", about)]);
            throw new SessionError("invalid-signature-share", { culprits: [cheats] });
          }
          await play(signers.map((peer) => t.done(peer)));
          const bytes = new Uint8Array(
            await crypto.subtle.sign("Ed25519", pair.privateKey, new Uint8Array(message)),
          );
          return { curve: "ed25519", bytes, publicKey };
        });
      },
    },
  };
}
