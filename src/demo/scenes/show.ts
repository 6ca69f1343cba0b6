/**
 * The scenes of the demonstration: each succeeds only if it ended as expected, naming exactly the right peers.
 * @module
 */
import type { Failure, Scheme } from "../../events.ts";
import { SessionError } from "../../errors.ts";
import type { PeerId } from "../../failure.ts";
import type { Session } from "../../cluster/commands/handle.ts";
import type { GroupKey } from "../../cluster/keys/group_key.ts";
import { schemes, type Signature } from "../../schemes/schemes.ts";
import { platformRandom } from "../../platform/platform.ts";
import type { DemoCluster, DemoPeer } from "../cluster.ts";
import { check, type Expected, relays } from "./findings.ts";
import { lostLaptop } from "./lost_laptop.ts";
import { misbehave } from "../misbehave.ts";
import type { NodeHere } from "./node_here.ts";
import { accepted } from "./platform_verify.ts";
import { gossipMs, type Seen } from "./seen.ts";

/** Frames that the stranger forges. */
const forgedFrames = 1_000;
/** Time for the stranger to send them, ms. */
const floodMs = 30_000;

/** The scenes, played with a running cluster. */
export class Show {
  readonly #node: NodeHere;
  readonly #cluster: DemoCluster;
  readonly #threshold: number;
  readonly #seen: Seen;
  /** The peers that hold the keys: at first all but the last one. */
  #holders: readonly DemoPeer[];
  readonly summary: string[] = [];
  good = true;

  constructor(node: NodeHere, seen: Seen, cluster: DemoCluster, threshold: number) {
    this.#node = node;
    this.#seen = seen;
    this.#cluster = cluster;
    this.#threshold = threshold;
    this.#holders = cluster.peers.slice(0, -1);
  }

  /** Plays every scene. */
  async play(): Promise<void> {
    const peers = this.#cluster.peers.slice(0, 3) as [DemoPeer, DemoPeer, DemoPeer];
    await this.#met();
    await this.#cheatingScenes(peers);
    await this.#failingScenes(peers);
    this.#scheme = "bip340";
    await this.#bip340Scenes(peers);
    this.#scheme = "ecdsa";
    await this.#ecdsaScenes(peers);
    await this.#lostLaptop(peers);
  }

  /** An Ed25519 key, and two peers that cheat with it. */
  async #cheatingScenes([alice, bob]: [DemoPeer, DemoPeer, DemoPeer]): Promise<void> {
    await this.#scene("a key is made, and signs", async () => {
      const key = await this.#generate("ed25519").result;
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
      const session = this.#generate("ed25519", `${this.#wallet} 2`);
      const expected = { code: "equivocation", fooled: "invalid-proof", culprits: [bob.peer] } as const;
      await this.#fails(session, [bob], expected);
    });
  }

  /** Peers that are silent, killed or slow, and a stranger. */
  async #failingScenes([alice, bob, carol]: [DemoPeer, DemoPeer, DemoPeer]): Promise<void> {
    await this.#scene("Carol goes silent", async () => {
      await this.#order(carol, "silence");
      await this.#fails(this.#sign([carol, alice]), [carol], {
        code: "round-timeout",
        missing: [carol.peer],
      });
    });
    await this.#scene("Bob's process is killed", async () => {
      await this.#order(bob, "slow"); // it delays its first message, so that it can be killed in the middle
      const session = this.#sign([bob, alice]);
      // A signer that has not opened it when he dies would miss the link with him, and not him in the session.
      const others = this.#filled([bob, alice], []).filter((peer) => peer !== bob.peer);
      await Promise.all(others.map((peer) => this.#seen.opened(session.id, peer)));
      bob.kill();
      await this.#fails(session, [bob], { code: "peer-left", missing: [bob.peer] });
      await this.#signs([alice, carol], [bob]);
      await this.#cluster.back(bob.name);
      await this.#met();
      await this.#signs([bob, carol]);
    });
    await this.#scene(`a stranger forges ${forgedFrames} frames`, async () => {
      await misbehave(this.#node.network, alice.peer, { cheat: "forged-frames", count: forgedFrames });
      const before = this.#seen.dropped(alice.peer);
      const end = performance.now() + floodMs;
      let signed = 0;
      let dropped = 0;
      while (dropped < forgedFrames / 2 && performance.now() < end) {
        await this.#signs([alice, bob]);
        signed++;
        dropped = this.#seen.dropped(alice.peer) - before;
      }
      if (dropped < forgedFrames / 2) throw new Error(`only ${dropped} forged frames were counted`);
      return `${dropped} dropped by Alice, ${signed} signatures meanwhile`;
    });
    await this.#scene("Carol is slow, but in time", async () => {
      await this.#order(carol, "slow");
      await this.#signs([carol, bob]);
    });
  }

  /** A BIP-340 key, and a peer that forges its share. */
  async #bip340Scenes([alice, bob]: [DemoPeer, DemoPeer, DemoPeer]): Promise<void> {
    await this.#scene("a BIP-340 key is made, and signs", async () => {
      const { publicKey } = await this.#generate("bip340").result;
      const { bitcoin, nostr } = schemes.bip340.addressesOf(publicKey);
      return `${bitcoin}, ${nostr}, signature ${(await this.#signs()).toHex()}`;
    });
    await this.#scene("Bob forges a share of a BIP-340 signature", async () => {
      await this.#order(bob, "forged-share");
      await this.#fails(this.#sign([bob, alice]), [bob], {
        code: "invalid-signature-share",
        culprits: [bob.peer],
      });
    });
  }

  /** An ECDSA key, a check that must never be repeated, and the ban that follows. */
  async #ecdsaScenes([alice, bob]: [DemoPeer, DemoPeer, DemoPeer]): Promise<void> {
    await this.#scene("an ECDSA key is made, and signs", async () => {
      const { publicKey } = await this.#generate("ecdsa").result;
      await this.#signs();
      return Object.values(schemes.ecdsa.addressesOf(publicKey)).join(", ");
    });
    // With the threshold of three, whoever signed with the two has banned Bob too: he finds no party.
    const withoutBob = () => this.#signs([alice], [bob]);
    await this.#scene("Bob tampers with the multiplication", async () => {
      await this.#order(bob, "tampered-multiplication");
      await this.#fails(this.#sign([bob, alice]), [bob], {
        code: "invalid-multiplication",
        culprits: [bob.peer],
      });
      await this.#seen.until(() => this.#banned(alice, bob), gossipMs, "word of the ban");
      return "Alice refuses to sign with Bob from now on";
    }, withoutBob);
    await this.#scene("Alice and Bob are asked together again", async () => {
      const thrown = await this.#sign([alice, bob]).result.then(() => null, (error) => error);
      // Alice reports it herself, or Bob reports that she refuses.
      const said = thrown instanceof SessionError ? [thrown, ...thrown.claims] : [];
      if (!said.some(({ code }) => code === "peer-banned")) {
        throw new Error(`expected peer-banned, found ${thrown ?? "a signature"}`);
      }
      return "refused";
    }, withoutBob);
  }

  /** Carol's share is lost, and another peer gets one. */
  async #lostLaptop([alice, bob, carol]: [DemoPeer, DemoPeer, DemoPeer]): Promise<void> {
    const stage = {
      node: this.#node,
      cluster: this.#cluster,
      wallet: this.#wallet,
      threshold: this.#threshold,
      scene: (name: string, scheme: Scheme, act: () => Promise<string>) => {
        this.#scheme = scheme;
        return this.#scene(name, act);
      },
      signs: (scheme: Scheme, signers: readonly DemoPeer[]) => {
        this.#scheme = scheme;
        return this.#signs(signers);
      },
      heldBy: (holders: readonly DemoPeer[]) => this.#holders = holders,
    };
    const newcomer = this.#cluster.peers.at(-1)!;
    await lostLaptop(stage, { alice, bob, carol, newcomer, holders: this.#holders });
  }

  #scheme: Scheme = "ed25519";

  /** Whether `by` has announced a ban of `other`. */
  #banned(by: DemoPeer, other: DemoPeer): boolean {
    return this.#node.bans().some((ban) => ban.by === by.peer && ban.other === other.peer);
  }

  /** A new wallet for each run, so that a folder can be used again. */
  readonly #wallet = `treasury ${platformRandom(3).toHex()}`;

  async #scene(
    name: string,
    act: () => Promise<string | void>,
    signsAfter: () => Promise<unknown> = () => this.#signs(),
  ): Promise<void> {
    const began = performance.now();
    try {
      const said = await act();
      await signsAfter();
      const ms = Math.round(performance.now() - began);
      this.summary.push(`✓ ${name}, and a good signature after it (${ms} ms)${said ? `: ${said}` : ""}`);
    } catch (error) {
      this.good = false;
      this.summary.push(`✗ ${name}: ${error instanceof Error ? error.message : String(error)}`);
    }
  }

  #generate(scheme: Scheme, wallet = this.#wallet): Session<GroupKey> {
    const members = this.#holders.map(({ peer }) => peer);
    return this.#node.generateKey({ wallet, scheme, members, threshold: this.#threshold });
  }

  #order(peer: DemoPeer, cheat: string): Promise<void> {
    return misbehave(this.#node.network, peer.peer, { cheat });
  }

  #sign(chosen?: readonly DemoPeer[], away: readonly DemoPeer[] = []): Session<Signature> {
    const signers = chosen && this.#filled(chosen, away);
    return this.#node.sign({
      wallet: this.#wallet,
      scheme: this.#scheme,
      message,
      // Other verifiers of BIP-340 take 32 bytes only.
      ...(this.#scheme === "bip340" ? { hash: "sha256" as const } : {}),
      ...(signers ? { signers } : {}),
    });
  }

  /** As many signers as the threshold requires: the chosen peers first, and none that is away. */
  #filled(chosen: readonly DemoPeer[], away: readonly DemoPeer[]): PeerId[] {
    const others = this.#holders.filter((peer) => !chosen.includes(peer) && !away.includes(peer));
    return [...chosen, ...others].slice(0, this.#threshold).map(({ peer }) => peer);
  }

  /**
   * Signs, and checks the signature with a verifier that the signers do not use. @returns The signature, 64 bytes.
   */
  async #signs(chosen?: readonly DemoPeer[], away?: readonly DemoPeer[]): Promise<Uint8Array> {
    const scheme = this.#scheme;
    const { bytes } = await this.#sign(chosen, away).result;
    const key = (await this.#node.keys()).find((one) => one.wallet === this.#wallet && one.scheme === scheme);
    if (!key) throw new Error("the key is not known here");
    if (!await accepted({ scheme, publicKey: key.publicKey, message, signature: bytes })) {
      throw new Error("the platform does not accept the signature");
    }
    return bytes;
  }

  /**
   * Waits for a session to fail, and for the view of every honest member. A peer that forges its share has
   * received the good shares of the others, so it may still be the first to return a valid signature to the
   * initiator.
   */
  async #fails(session: Session, cheaters: readonly DemoPeer[], expected: Expected): Promise<void> {
    const thrown = await session.result.then(() => null, (error) => error);
    const failed = thrown instanceof SessionError || expected.code === "invalid-signature-share";
    if (!failed) throw new Error("the session succeeded, and should not have");
    const honest = () =>
      this.#seen.party(session.id).filter((peer) => !cheaters.some((cheater) => cheater.peer === peer));
    await this.#seen.until(
      () => honest().length > 0 && honest().every((peer) => this.#seen.end(session.id, peer)),
      gossipMs,
      "every honest peer's view",
    );
    const findings: Failure[] = [];
    for (const peer of honest()) {
      const end = this.#seen.end(session.id, peer)!;
      if (end.type !== "failed") throw new Error(`${this.#name(peer)} says that it succeeded`);
      if (!relays(end, expected, honest())) findings.push(end);
    }
    const found = findings.some(({ code }) => code === expected.code);
    if (!found) throw new Error(`no peer found ${expected.code} by its own check`);
    for (const end of findings) check(this.#name(end.peer), end, expected);
  }

  #name(peer: PeerId): string {
    return this.#node.peers.get(peer)?.name ?? peer;
  }

  #met(): Promise<void> {
    return this.#seen.met(this.#cluster.peers.map(({ peer }) => peer));
  }
}

const message = new TextEncoder().encode("hello threshold");
