/**
 * A console with a scripted node, for tests of the page rather than of a cluster.
 * @module
 */
import type { NodeEvent } from "../../src/events.ts";
import { InputError, SessionError } from "../../src/errors.ts";
import type { PeerId } from "../../src/failure.ts";
import type {
  BatchRequest,
  Console,
  GroupKey,
  SessionHandle,
  Signature,
  SignRequest,
} from "../../web/node/node_port.ts";
import { alice, bob, carol, hex, key, links, me, peers, reshared, script } from "./events.ts";
import { generateRounds, signRounds } from "./stories.ts";
import { through } from "./events.ts";

export interface Scripted extends Console {
  /** The calls that it received, in order. */
  calls: string[];
  emit(event: NodeEvent): void;
}

type Script = ReturnType<typeof script>;
const all = [alice, bob, carol];

/** The events of a key generation that succeeds. */
const generation = (t: Script, members: readonly PeerId[]): NodeEvent[] => [
  t.began(alice),
  t.proposed(alice, members),
  ...members.map((peer) => t.opened(peer, members, generateRounds)),
  ...through(t, members, generateRounds),
  ...members.map((peer) => t.done(peer)),
];

/** The events of a resharing up to its last round. */
const resharing = (t: Script, party: readonly PeerId[]): NodeEvent[] => [
  t.began(alice),
  t.proposed(alice, party),
  ...party.map((peer) => t.opened(peer, party, generateRounds)),
  ...through(t, party, generateRounds),
];

/** The events of a signature up to its last round. */
const signing = (t: Script, signers: readonly PeerId[], rounds: readonly string[]): NodeEvent[] => [
  t.began(signers[0]!),
  t.proposed(signers[0]!, signers),
  ...signers.map((peer) => t.opened(peer, signers, signRounds)),
  ...through(t, signers, rounds),
];

function eventStream() {
  let controller!: ReadableStreamDefaultController<NodeEvent>;
  const readable = new ReadableStream<NodeEvent>({ start: (given) => void (controller = given) });
  return { readable, controller };
}

/** The events in which an honest signer finds a forged share. */
const forgery = (t: Script, signers: readonly PeerId[], cheat: PeerId): NodeEvent[] => {
  const honest = signers.find((peer) => peer !== cheat)!;
  const about = { round: "share", culprits: [cheat], evidence: hex("aa") };
  return [t.begun(honest, "share"), t.failed(honest, "invalid-signature-share", about)];
};

/** Creates a key, signs with it, and has an armed peer forge a share. @param options.ms The time between two events. */
export async function scriptedConsole({ ms = 0 }: { ms?: number } = {}): Promise<Scripted> {
  const pair = await crypto.subtle.generateKey("Ed25519", true, ["sign", "verify"]) as CryptoKeyPair;
  const publicKey = new Uint8Array(await crypto.subtle.exportKey("raw", pair.publicKey));
  const keys: GroupKey[] = [];
  const calls: string[] = [];
  let armed: string | null = null;
  const { readable: stream, controller: sink } = eventStream();
  const emit = (event: NodeEvent) => sink.enqueue(event);
  let count = 0;
  for (const link of links) emit(link);

  async function play(events: readonly NodeEvent[]): Promise<void> {
    for (const event of events) {
      await new Promise((done) => setTimeout(done, ms));
      emit(event);
    }
  }
  function handle<T>(id: string, run: () => Promise<T>): SessionHandle<T> {
    return { id, result: run(), cancel: () => calls.push(`cancel ${id}`) };
  }

  async function signatureOf(message: Uint8Array): Promise<Signature> {
    const bytes = await crypto.subtle.sign("Ed25519", pair.privateKey, new Uint8Array(message));
    return { scheme: "ed25519", bytes: new Uint8Array(bytes), publicKey };
  }
  function sign(request: SignRequest): SessionHandle<Signature>;
  function sign(request: BatchRequest): SessionHandle<Signature[]>;
  function sign(request: SignRequest | BatchRequest): SessionHandle<Signature> | SessionHandle<Signature[]> {
    const { wallet, signers = [alice, bob] } = request;
    const ofBatch = request.items ? ` ${request.items.length} items` : "";
    calls.push(`sign ${signers.map((peer) => peers.get(peer)?.name).join("+")}${ofBatch}`);
    const t = script({ id: `a90c${++count}`, wallet });
    const signed = async () => {
      const cheats = armed !== null && signers.includes(armed) ? armed : null;
      await play(signing(t, signers, cheats ? [] : signRounds));
      if (cheats) {
        armed = null;
        await play(forgery(t, signers, cheats));
        throw new SessionError("invalid-signature-share", { culprits: [cheats] });
      }
      await play(signers.map((peer) => t.done(peer)));
    };
    return request.items
      ? handle(t.id, async () => {
        await signed();
        return await Promise.all(request.items.map(({ message }) => signatureOf(message!)));
      })
      : handle(t.id, async () => {
        await signed();
        return await signatureOf(request.message!);
      });
  }

  return {
    schemes: ["ed25519"],
    calls,
    emit,
    verifyEvidence: () => Promise.resolve("proven"),
    demo: {
      canMisbehave: (peer) => Promise.resolve(all.includes(peer)),
      misbehave(peer, { cheat }) {
        calls.push(`misbehave ${cheat}`);
        armed = peer;
        return Promise.resolve();
      },
      stranger(frames) {
        calls.push(`stranger ${frames}`);
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
      ...{ bans: () => [], quarantines: () => [] },
      events: () => stream,
      stop: () => Promise.resolve(sink.close()),
      generateKey({ wallet, scheme, threshold, members = all }) {
        if (wallet.trim() === "") throw new InputError("wallet", "expected 1 to 64 characters, found none");
        calls.push(`generate ${wallet} ${threshold} of ${members.length}`);
        const t = script({ id: `51ee${++count}`, kind: "generate", wallet });
        return handle(t.id, async () => {
          await play(generation(t, members));
          const made: GroupKey = { ...key, wallet, scheme, threshold, members, publicKey };
          keys.push(made);
          return made;
        });
      },
      reshare({ wallet, scheme, threshold, members, gone = [] }) {
        const names = members.map((peer) => peers.get(peer)?.name).join("+");
        const without = gone.map((peer) => peers.get(peer)?.name).join("+");
        calls.push(`reshare ${wallet} ${threshold} of ${names}${without && ` gone ${without}`}`);
        const at = keys.findIndex((key) => key.wallet === wallet && key.scheme === scheme);
        const before = keys[at]!;
        const party = [...new Set([...members, ...before.members.filter((peer) => !gone.includes(peer))])];
        const t = script({ id: `e90c${++count}`, kind: "reshare", wallet, scheme });
        return handle(t.id, async () => {
          await play(resharing(t, party));
          if (armed !== null && party.includes(armed)) {
            const culprits = [armed];
            armed = null;
            throw new SessionError("invalid-dealt-share", { culprits });
          }
          await play(party.map((peer) => t.done(peer)));
          const made = reshared(before, { threshold, members, session: hex(`e90c${count}`) });
          keys[at] = made;
          return made;
        });
      },
      sign,
      unfreeze({ wallet, scheme }, { peer } = {}) {
        calls.push(`unfreeze ${wallet}${peer ? ` with ${peers.get(peer)?.name}` : ""}`);
        const at = keys.findIndex((key) => key.wallet === wallet && key.scheme === scheme);
        const before = keys[at]!;
        const stands = before.state === "frozen" || before.paused || peer !== undefined;
        if (!stands) {
          return Promise.reject(new InputError("wallet", "expected a frozen key, found it active"));
        }
        keys[at] = { ...before, state: "active", paused: false };
        return Promise.resolve();
      },
    },
  };
}
