/**
 * A page that is a full party: it keeps an identity and shares, and signs with others. All of it with what the product
 * gives a page; here are only the handles that a test pulls.
 * @module
 */
import {
  type Approve,
  createNode,
  type Limits,
  type NodeEvent,
  parseRoster,
  type QuorateNode,
  type Roster,
  type Scheme,
  type Session,
  SessionError,
} from "../../mod.ts";
import {
  browserTransport,
  indexedDbStore,
  joinCluster,
  storedIdentity,
  watchTab,
} from "../../src/browser.ts";
import { browserWebRtc } from "../../src/browser_webrtc.ts";
import { platformClock } from "../../src/platform/platform.ts";
import type { Identity, Store } from "../../src/ports.ts";

const lock = { passphrase: "correct horse battery" };
const kept = storedIdentity();
let identity: Identity;
let node: QuorateNode;
let store: Store;
let mood: "accept" | "decline" | "ask" = "accept";
let answer: (said: "accept" | "decline") => void = () => {};
const told: NodeEvent[] = [];
const outcomes = new Map<string, Promise<Outcome>>();
let late: number[] = [];
let ticking: ReturnType<typeof setTimeout> | undefined;

/** How a command ended for whoever asked. Bytes in hex. */
export type Outcome =
  | { bytes: string; publicKey: string; der: string | null; digest: string | null }
  | { code: string; culprits: readonly string[]; missing: readonly string[]; claims: readonly unknown[] };

/** What a start can be told. */
export interface Starting {
  /** Default: the one it got by joining. */
  roster?: string;
  relays?: readonly string[];
  limits?: Partial<Limits>;
}

async function follow(events: ReadableStream<NodeEvent>): Promise<void> {
  for await (const event of events) if ("peer" in event && event.peer === node.self) told.push(event);
}

const approve: Approve = (_request, { signal }) => {
  if (mood !== "ask") return Promise.resolve(mood);
  return new Promise((resolve, reject) => {
    answer = resolve;
    signal.addEventListener("abort", () => reject(signal.reason), { once: true });
  });
};

function begun<T>(session: Session<T>, shown: (value: T) => Outcome): string {
  const outcome = session.result.then(shown, (error) => {
    if (!(error instanceof SessionError)) throw error;
    const { code, culprits, missing, claims } = error;
    return { code, culprits, missing, claims };
  });
  outcomes.set(session.id, outcome);
  return session.id;
}

let joined: Roster | null = null;

const page = {
  /** Makes an identity, or opens the one that is kept. */
  async become(name: string): Promise<string> {
    identity = await kept.look() ? await kept.unlock(lock) : await kept.create({ name, lock });
    return identity.peer;
  },
  /** @returns The version of the roster that it is in. */
  async join(fragment: string, name: string): Promise<number> {
    joined = (await joinCluster(fragment, identity, {
      name,
      transport: browserTransport({ webrtc: browserWebRtc() }),
    })).roster;
    return joined.version;
  },
  async start({ roster, relays = [], limits = {} }: Starting): Promise<void> {
    store = await indexedDbStore("quorate-shares");
    node = await createNode({
      identity,
      roster: roster === undefined ? joined! : parseRoster(roster),
      store,
      transport: browserTransport({ relays, webrtc: browserWebRtc() }),
      startWorker: () => new Worker("./vault.js", { type: "module" }),
      approve,
      limits,
    });
    watchTab(node, { clock: platformClock, page: globalThis, lifecycle: document });
    void follow(node.events({ replay: 1_000 }));
  },
  peer: (peer: string) => node.peers.get(peer) ?? null,
  reservations: () => node.reservations,
  keys: async () =>
    (await node.keys()).map(({ wallet, scheme, state, epoch, past, publicKey, session }) => ({
      wallet,
      scheme,
      state,
      epoch,
      /** Whether a share of an epoch before is still here. */
      old: past.some(({ held }) => held),
      publicKey: publicKey.toHex(),
      session,
    })),
  /** The sessions of the keys that were given up: what belongs to them is kept. */
  givenUp: async () => (await node.givenUp()).map(({ scheme, session }) => ({ scheme, session })),
  /** The names of what it keeps. */
  kept: (prefix: string) => store.names(prefix),
  told: () => told,
  /** Of one command, as this tab told it. */
  story: (id: string) => told.filter((event) => "id" in event && event.id === id),

  /** @returns The command's id. */
  generate: (wallet: string, scheme: Scheme, threshold: number, members: readonly string[]) =>
    begun(
      node.generateKey({ wallet, scheme, threshold, members: [...members] }),
      ({ publicKey }) => ({ bytes: "", publicKey: publicKey.toHex(), der: null, digest: null }),
    ),
  /** @returns The command's id. */
  reshare: (wallet: string, scheme: Scheme, threshold: number, members: readonly string[]) =>
    begun(
      node.reshare({ wallet, scheme, threshold, members: [...members] }),
      ({ publicKey }) => ({ bytes: "", publicKey: publicKey.toHex(), der: null, digest: null }),
    ),
  /** @returns The command's id. */
  sign: (wallet: string, scheme: Scheme, text: string, signers?: readonly string[]) =>
    begun(
      node.sign({
        wallet,
        scheme,
        message: new TextEncoder().encode(text),
        ...signers && { signers: [...signers] },
      }),
      (signature) => ({
        bytes: signature.bytes.toHex(),
        publicKey: signature.publicKey.toHex(),
        der: signature.scheme === "ecdsa" ? signature.der.toHex() : null,
        digest: signature.scheme === "ecdsa" ? signature.digest.toHex() : null,
      }),
    ),
  outcome: (id: string) => outcomes.get(id)!,
  mood: (next: typeof mood) => void (mood = next),
  answer: (said: "accept" | "decline") => answer(said),
  lock: () => node.lock(),
  async unlock(): Promise<void> {
    node.unlock((await kept.unlock(lock)).secrets());
  },

  /** Measures how late a timer of 10 ms is from now on: for so long the page would not have answered. */
  tick(): void {
    late = [];
    const look = (due: number) => {
      late.push(Math.max(0, performance.now() - due));
      ticking = setTimeout(look, 10, performance.now() + 10);
    };
    ticking = setTimeout(look, 10, performance.now() + 10);
  },
  ticked(): number[] {
    clearTimeout(ticking);
    return late;
  },
};
export type TabPeerPage = typeof page;

(globalThis as unknown as { peer: TabPeerPage }).peer = page;
document.documentElement.dataset.ready = "";
