/**
 * The commands that a simulated world asks for: that of the schedule, the control beside it, and what both need. Not a
 * test by itself.
 * @module
 */
import type { Session } from "../../src/cluster/commands/handle.ts";
import type { GroupKey } from "../../src/cluster/keys/group_key.ts";
import type { PeerId } from "../../src/failure.ts";
import type { ItemInput, Signature } from "../../src/schemes/schemes.ts";
import type { Scheme } from "../../src/events.ts";
import type { Cluster } from "./cluster.ts";
import type { Draw } from "./draw.ts";
import { idOf } from "./healing.ts";
import { askForeign } from "./raw_asks.ts";
import { console, type Schedule, walletOf } from "./schedule.ts";

const encode = (text: string) => new TextEncoder().encode(text);

/** The message that a schedule signs, or that of one item of a batch, from 0. */
export const messageOf = ({ index }: Schedule, item = 0): Uint8Array =>
  encode(`schedule ${index}${item === 0 ? "" : ` item ${item}`}`);

/** What of a BIP-340 key signs, one after the other. */
const uses: readonly { path?: readonly number[]; merkleRoot?: Uint8Array }[] = [
  {},
  { merkleRoot: new Uint8Array() },
  { path: [7], merkleRoot: new Uint8Array(32).fill(1) },
];

/** What a schedule signs: messages, and for BIP-340 often with a tweak of the key. */
export const inputsOf = (s: Schedule): readonly ItemInput[] =>
  Array.from({ length: s.items }, (_, item) => ({
    message: messageOf(s, item),
    ...s.scheme === "bip340" && uses[(s.index + item) % uses.length],
  }));

export class Asks {
  readonly #cluster: Cluster;
  readonly #draw: Draw;

  constructor(cluster: Cluster, draw: Draw) {
    this.#cluster = cluster;
    this.#draw = draw;
  }

  /** Makes the key with this threshold, unless it is there: with real cryptography an ECDSA key takes seconds. */
  async ready(scheme: Scheme, threshold: number): Promise<void> {
    const { clock } = this.#cluster;
    const { node } = this.#cluster.at(console);
    const wallet = walletOf(scheme, threshold);
    if ((await node.keys()).some((key) => key.wallet === wallet)) return;
    await clock.until(node.generateKey({ wallet, scheme, threshold }).result);
    await clock.pass(3_000);
  }

  /** Begins the schedule's session; null where no node holds its handle. @param begun Called with the command's id. */
  begin(s: Schedule, begun: (id: string) => void): Session | null {
    const { node } = this.#cluster.at(s.initiator);
    const party = s.party.map((name) => this.#cluster.peer(name));
    if (s.kind === "ecdh") {
      this.#cluster.network.cut(party[0]!, party[1]!);
      return null;
    }
    if (s.fault === "foreign") {
      this.#beginForeign(s, begun);
      return null;
    }
    const { scheme } = s;
    const session: Session<GroupKey | Signature | Signature[]> = s.kind === "generate"
      ? node.generateKey({ wallet: `w${s.index}`, scheme, threshold: s.threshold, members: party })
      : this.#beginSigning(s, party);
    begun(session.id);
    return session;
  }

  #beginSigning(s: Schedule, signers: readonly PeerId[]): Session<Signature | Signature[]> {
    const { node } = this.#cluster.at(s.initiator);
    const request = { wallet: walletOf(s.scheme, signers.length), scheme: s.scheme, signers };
    const items = inputsOf(s);
    return items.length === 1 ? node.sign({ ...request, ...items[0]! }) : node.sign({ ...request, items });
  }

  /** Asks with a command that its initiator's node knows nothing of. */
  #beginForeign(s: Schedule, begun: (id: string) => void): void {
    const cluster = this.#cluster;
    const id = idOf(`${this.#draw.below(1 << 30)} foreign ${s.index}`);
    begun(id.toHex());
    void askForeign(cluster.at(s.initiator), cluster.clock.now(), {
      id,
      wallet: walletOf("ed25519", s.party.length),
      signers: s.party.map((name) => cluster.peer(name)),
      coordinator: cluster.peer(s.party.find((name) => name !== s.initiator)!),
      message: messageOf(s),
    });
  }

  /** Signs with two others, who must not notice the fault. */
  async control({ control, index }: Schedule): Promise<void> {
    await this.sign(control[0], control, `control ${index}`);
  }

  sign(by: string, names: readonly string[], text: string): Promise<Signature> {
    const signers = names.map((name) => this.#cluster.peer(name));
    const request = { wallet: "pair", scheme: "ed25519", message: encode(text), signers } as const;
    return this.#cluster.at(by).node.sign(request).result;
  }
}
