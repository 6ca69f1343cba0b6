/**
 * The demonstration without a browser: the same story, told to a terminal. Prints every event as one JSON line, then
 * one line a scene; ends well only if each scene ended as it should, naming exactly the right peers.
 * @module
 */
import type { Curve, Failure, NodeEvent, SessionEvent } from "../events.ts";
import { isTerminal } from "../events.ts";
import { SessionError } from "../errors.ts";
import { type FailureCode, failures, type PeerId } from "../failure.ts";
import { parseInvitation } from "../cluster/roster/join.ts";
import type { Session } from "../cluster/commands/handle.ts";
import type { Signature } from "../cluster/records/signing.ts";
import { newIdentity } from "../identity/identity.ts";
import { join } from "../node/join.ts";
import { bitcoinAddress, ethereumAddress } from "../node/verify.ts";
import { assembleNode } from "../node/assemble.ts";
import { platformClock, platformRandom } from "../platform/platform.ts";
import { memoryStore } from "../store/memory.ts";
import { webSockets } from "../transport/websocket.deno.ts";
import { workerVault } from "../worker/client.ts";
import type { DemoCluster, DemoPeer } from "./cluster.ts";
import { misbehave } from "./misbehave.ts";
import { accepted } from "./platform_verify.ts";

/** Frames that the stranger forges. */
const forgedFrames = 1_000;
/** How long the stranger may take, ms. */
const floodMs = 30_000;
/** How long the views of all peers may take to arrive by gossip, ms. */
const gossipMs = 3_000;
/** How long the cluster may take to find itself, ms. */
const meetMs = 20_000;

/** What a scene must show, at every honest peer of its session. */
interface Expected {
  code: FailureCode;
  culprits?: readonly PeerId[];
  missing?: readonly PeerId[];
}

type Node = Awaited<ReturnType<typeof assembleNode>>;

/** Plays every scene. @returns Whether each ended as it should. */
export async function playOnce(cluster: DemoCluster, { threshold }: { threshold: number }): Promise<boolean> {
  const identity = await newIdentity(platformRandom);
  const transport = webSockets({ listen: [] });
  const roster = await join(transport, identity, parseInvitation(cluster.invitation), {
    name: "this terminal",
  });
  await using node = await assembleNode({
    approve: "roster",
    identity,
    roster,
    store: memoryStore(),
    transport,
    clock: platformClock,
    random: platformRandom,
    vault: workerVault(identity.secrets(), identity.peer),
  });
  const show = new Show(node, cluster, threshold);
  const reading = show.read();
  try {
    await show.play();
  } finally {
    await node.stop();
    await reading;
  }
  console.log("");
  for (const line of show.summary) console.log(line);
  return show.good;
}

class Show {
  readonly #node: Node;
  readonly #cluster: DemoCluster;
  readonly #threshold: number;
  readonly #seen: NodeEvent[] = [];
  readonly summary: string[] = [];
  #wake = () => {};
  good = true;

  constructor(node: Node, cluster: DemoCluster, threshold: number) {
    this.#node = node;
    this.#cluster = cluster;
    this.#threshold = threshold;
  }

  async read(): Promise<void> {
    for await (const event of this.#node.events({ replay: 1024 })) {
      console.log(JSON.stringify(event));
      this.#seen.push(event);
      this.#wake();
    }
  }

  async play(): Promise<void> {
    const [alice, bob, carol] = this.#cluster.peers as [DemoPeer, DemoPeer, DemoPeer];
    await this.#met();
    await this.#scene("a key is made, and signs", async () => {
      const key = await this.#node.generateKey({
        wallet: this.#wallet,
        curve: "ed25519",
        threshold: this.#threshold,
      }).result;
      await this.#signs();
      return `key ${key.publicKey.toHex()}`;
    });
    await this.#scene("Bob sends a forged share", async () => {
      await this.#order(bob, "forged-share");
      await this.#fails(this.#sign([bob, alice]), [bob], {
        code: "invalid-signature-share",
        culprits: [bob.peer],
      });
    });
    await this.#scene("Bob tells two stories", async () => {
      await this.#order(bob, "two-stories");
      const wallet = `${this.#wallet} 2`;
      const session = this.#node.generateKey({ wallet, curve: "ed25519", threshold: this.#threshold });
      await this.#fails(session, [bob], { code: "equivocation", culprits: [bob.peer] });
    });
    await this.#scene("Carol goes silent", async () => {
      await this.#order(carol, "silence");
      await this.#fails(this.#sign([carol, alice]), [carol], {
        code: "round-timeout",
        missing: [carol.peer],
      });
    });
    await this.#scene("Bob's process is killed", async () => {
      await this.#order(bob, "slow"); // it holds its first message back: time to kill it in the middle
      const session = this.#sign([bob, alice]);
      await this.#opened(session.id, alice.peer);
      bob.kill();
      await this.#fails(session, [bob], { code: "peer-left", missing: [bob.peer] });
      await this.#signs([alice, carol], [bob]);
      await this.#cluster.back(bob.name);
      await this.#met();
      await this.#signs([bob, carol]);
    });
    await this.#scene(`a stranger forges ${forgedFrames} frames`, async () => {
      await misbehave(this.#node.network, alice.peer, { cheat: "forged-frames", count: forgedFrames });
      const before = this.#dropped(alice.peer);
      const end = performance.now() + floodMs;
      let signed = 0;
      let dropped = 0;
      while (dropped < forgedFrames / 2 && performance.now() < end) {
        await this.#signs([alice, bob]);
        signed++;
        dropped = this.#dropped(alice.peer) - before;
      }
      if (dropped < forgedFrames / 2) throw new Error(`only ${dropped} forged frames were counted`);
      return `${dropped} dropped by Alice, ${signed} signatures meanwhile`;
    });
    await this.#scene("Carol is slow, but in time", async () => {
      await this.#order(carol, "slow");
      await this.#signs([carol, bob]);
    });
    this.#curve = "secp256k1";
    await this.#scene("an ECDSA key is made, and signs", async () => {
      const { publicKey } = await this.#node.generateKey({
        wallet: this.#wallet,
        curve: "secp256k1",
        threshold: this.#threshold,
      }).result;
      await this.#signs();
      return `${bitcoinAddress(publicKey)}, ${ethereumAddress(publicKey)}`;
    });
    await this.#scene("Bob tampers with the multiplication", async () => {
      await this.#order(bob, "tampered-multiplication");
      await this.#fails(this.#sign([bob, alice]), [bob], {
        code: "invalid-multiplication",
        culprits: [bob.peer],
      });
      await this.#until(() => this.#banned(alice, bob), gossipMs, "word of the ban");
      return "Alice refuses to sign with Bob from now on";
    });
    await this.#scene("Alice and Bob are asked together again", async () => {
      const thrown = await this.#sign([alice, bob]).result.then(() => null, (error) => error);
      // Alice herself says so, or Bob that she does.
      const said = thrown instanceof SessionError ? [thrown, ...thrown.claims] : [];
      if (!said.some(({ code }) => code === "peer-banned")) {
        throw new Error(`expected peer-banned, found ${thrown ?? "a signature"}`);
      }
      return "refused";
    });
  }

  #curve: Curve = "ed25519";

  /** Whether `by` was heard to refuse `other`. */
  #banned(by: DemoPeer, other: DemoPeer): boolean {
    return this.#node.bans().some((ban) => ban.by === by.peer && ban.other === other.peer);
  }

  /** One wallet a run, so that a folder can be used again. */
  readonly #wallet = `treasury ${platformRandom(3).toHex()}`;

  async #scene(name: string, act: () => Promise<string | void>): Promise<void> {
    const began = performance.now();
    try {
      const said = await act();
      await this.#signs();
      const ms = Math.round(performance.now() - began);
      this.summary.push(`✓ ${name}, and a good signature after it (${ms} ms)${said ? `: ${said}` : ""}`);
    } catch (error) {
      this.good = false;
      this.summary.push(`✗ ${name}: ${error instanceof Error ? error.message : String(error)}`);
    }
  }

  #order(peer: DemoPeer, cheat: string): Promise<void> {
    return misbehave(this.#node.network, peer.peer, { cheat });
  }

  #sign(chosen?: readonly DemoPeer[], away: readonly DemoPeer[] = []): Session<Signature> {
    const signers = chosen && this.#filled(chosen, away);
    return this.#node.sign({
      wallet: this.#wallet,
      curve: this.#curve,
      message,
      ...(signers ? { signers } : {}),
    });
  }

  /** As many as the threshold says, the chosen ones first, those that are away not at all. */
  #filled(chosen: readonly DemoPeer[], away: readonly DemoPeer[]): PeerId[] {
    const others = this.#cluster.peers.filter((peer) => !chosen.includes(peer) && !away.includes(peer));
    return [...chosen, ...others].slice(0, this.#threshold).map(({ peer }) => peer);
  }

  /** Signs, and has the platform's own implementation look at it, which shares no code with the one that signed. */
  async #signs(chosen?: readonly DemoPeer[], away?: readonly DemoPeer[]): Promise<void> {
    const curve = this.#curve;
    const { bytes } = await this.#sign(chosen, away).result;
    const key = (await this.#node.keys()).find((one) => one.wallet === this.#wallet && one.curve === curve);
    if (!key) throw new Error("the key is not known here");
    if (!await accepted({ curve, publicKey: key.publicKey, message, signature: bytes })) {
      throw new Error("the platform does not accept the signature");
    }
  }

  /**
   * Waits for a session to fail, and for every honest member's view of it. A forger has got the others' good shares,
   * and may be the first to come with a signature: then whoever asked has one, and no honest member made it.
   */
  async #fails(session: Session, cheaters: readonly DemoPeer[], expected: Expected): Promise<void> {
    const thrown = await session.result.then(() => null, (error) => error);
    const failed = thrown instanceof SessionError || expected.code === "invalid-signature-share";
    if (!failed) throw new Error("it ended well, and should not have");
    const honest = () =>
      this.#party(session.id).filter((peer) => !cheaters.some((cheater) => cheater.peer === peer));
    await this.#until(
      () => honest().length > 0 && honest().every((peer) => this.#end(session.id, peer)),
      gossipMs,
      "every honest peer's view",
    );
    const findings: Failure[] = [];
    for (const peer of honest()) {
      const end = this.#end(session.id, peer)!;
      if (end.type !== "failed") throw new Error(`${this.#name(peer)} says it ended well`);
      if (!relays(end, expected, honest())) findings.push(end);
    }
    if (findings.length === 0) throw new Error("nobody found it by itself");
    for (const end of findings) check(this.#name(end.peer), end, expected);
  }

  #party(id: string): readonly PeerId[] {
    const opened = this.#seen.filter((event) => event.type === "opened" || event.type === "proposed");
    return opened.findLast((event) => event.id === id)?.party ?? [];
  }

  #end(id: string, peer: PeerId): SessionEvent | undefined {
    return this.#seen.find((event): event is SessionEvent =>
      isTerminal(event) && event.id === id && event.peer === peer
    );
  }

  #opened(id: string, peer: PeerId): Promise<void> {
    const opened = () =>
      this.#seen.some((event) => event.type === "opened" && event.id === id && event.peer === peer);
    return this.#until(opened, gossipMs, "the session to open");
  }

  #dropped(peer: PeerId): number {
    const counts = this.#seen.map((event) =>
      event.type === "warning" && event.peer === peer && event.code === "unauthentic-frame" ? event.count : 0
    );
    return counts.reduce((a, b) => a + b, 0);
  }

  #name(peer: PeerId): string {
    return this.#node.peers.get(peer)?.name ?? peer;
  }

  /** Until every peer is here and says that it has links to all others. */
  #met(): Promise<void> {
    const all = this.#cluster.peers.map(({ peer }) => peer);
    const met = () =>
      all.every((peer) => {
        const status = this.#node.peers.get(peer);
        return status?.connected && status.links.length >= all.length - 1;
      });
    return this.#until(met, meetMs, "the peers to find each other");
  }

  async #until(holds: () => boolean, ms: number, what: string): Promise<void> {
    const end = performance.now() + ms;
    while (!holds()) {
      if (performance.now() > end) throw new Error(`waited ${ms / 1000} s for ${what}`);
      const next = new Promise<void>((resolve) => this.#wake = resolve);
      await Promise.race([next, new Promise((resolve) => setTimeout(resolve, 50))]);
    }
  }
}

const message = new TextEncoder().encode("hello threshold");

/** Whether this is but the news of what another honest peer found, by a check that no one else can repeat. */
function relays({ code, claims }: Failure, expected: Expected, honest: readonly PeerId[]): boolean {
  return code === "aborted-by-peer" && failures[expected.code].checkedBy === "recipient" &&
    claims.length > 0 && claims.every(({ by, code }) => honest.includes(by) && code === expected.code);
}

function check(name: string, failure: Failure, { code, culprits = [], missing = [] }: Expected): void {
  const same = (a: readonly PeerId[], b: readonly PeerId[]) => [...a].sort().join() === [...b].sort().join();
  if (failure.code !== code) throw new Error(`${name} says ${failure.code}, not ${code}`);
  if (!same(failure.culprits, culprits)) {
    throw new Error(`${name} blames ${failure.culprits.join() || "nobody"}`);
  }
  if (!same(failure.missing, missing)) {
    throw new Error(`${name} misses ${failure.missing.join() || "nobody"}`);
  }
}
