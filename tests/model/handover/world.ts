/**
 * The world of the model: all peers, everything that was ever signed, and each step that can follow.
 *
 * What an honest peer has signed may arrive at anybody, at any time, in any order, or never. A cheater has signed
 * everything from the beginning, and shows what it likes to whom it likes.
 * @module
 */
import { letter, type Material } from "./offers.ts";
import { type Act, bit, type Bits, bitsOf, type Facts, type Outcome, Peers } from "./peer.ts";
import { add, early, names, Places, type Powers, type State, type Step, step, Unknown } from "./state.ts";

export class World extends Places {
  readonly material: Material;
  readonly powers: Powers;
  readonly peers: Peers;
  readonly honest: readonly number[];
  readonly cheaters: Bits;
  /** The members and the party of each session. */
  readonly members: readonly Bits[];
  readonly parties: readonly Bits[];
  readonly #acts = new Map<number, Outcome>();
  /** A number for each act. */
  readonly #named = new Map<Act, number>();
  readonly #facts = new Map<number, Facts>();

  constructor(material: Material, powers: Powers, peers = new Peers(material)) {
    super(material.scenario.peers, material.dealt.length);
    this.material = material;
    this.powers = powers;
    this.peers = peers;
    const all = Array.from({ length: material.scenario.peers }, (_, peer) => peer);
    this.honest = all.filter((peer) => !powers.cheaters.includes(peer));
    this.cheaters = bitsOf(powers.cheaters);
    this.members = material.dealt.map(({ members }) => bitsOf(members));
    this.parties = material.dealt.map(({ party }) => bitsOf(party));
  }

  first(): State {
    const state = new Array<number>(this.length).fill(0);
    for (const peer of this.honest) state[this.disk(peer)] = this.peers.first(peer);
    return state;
  }

  facts(state: State, peer: number): Facts {
    const disk = state[this.disk(peer)]!;
    const key = disk * 8 + peer;
    const known = this.#facts.get(key);
    if (known) return known;
    throw new Unknown(async () => void this.#facts.set(key, await this.peers.facts(peer, disk)));
  }

  act(state: State, peer: number, act: Act, s: number, claims: readonly Bits[] = []): Outcome {
    const disk = state[this.disk(peer)]!;
    const named = this.#named.get(act) ?? this.#named.size;
    this.#named.set(act, named);
    const key = (((disk * 8 + peer) * 64 + named) * 256 + (claims[0] ?? 0)) * 256 + (claims[1] ?? s);
    const known = this.#acts.get(key);
    if (known) return known;
    throw new Unknown(async () => void this.#acts.set(key, await this.peers.act(peer, disk, act, s, claims)));
  }

  here = (state: State, peer: number): boolean => !(state[this.left()]! & bit(peer));

  /** Whether every honest peer of a set is in another: a cheater is, if it likes. */
  all = (of: Bits, within: Bits): boolean => (of & ~within & ~this.cheaters) === 0;

  /** Whether all members have signed a session, or can do so when they like. */
  isSigned = (state: State, s: number): boolean => this.all(this.members[s]!, state[this.voted(s)]!);

  /** Whether the share of a session is given up for good at a peer: by a rule that the product does not have. */
  isOut(state: State, peer: number, s: number): boolean {
    const { rows } = this.facts(state, peer);
    return this.powers.mutant === "given up for good once another epoch is known" &&
      rows[s]!.state === "given-up" && rows.some(({ certified }, other) => other !== s && certified);
  }

  /** The honest peers that are here and have the certificate of a session on disk. */
  knowing(state: State, s: number): number[] {
    return this.honest.filter((peer) => this.here(state, peer) && this.facts(state, peer).rows[s]!.certified);
  }

  steps(state: State): Step[] {
    const steps: Step[] = [];
    for (const peer of this.honest) {
      if (!this.here(state, peer)) continue;
      for (const s of this.material.dealt.keys()) {
        if (this.parties[s]! & bit(peer)) this.#session(state, peer, s, steps);
        this.#heal(state, peer, s, steps);
      }
      this.#alone(state, peer, steps);
    }
    return steps;
  }

  /** The steps of a peer in a session of which it is in the party. */
  #session(state: State, peer: number, s: number, steps: Step[]): void {
    const { mutant } = this.powers;
    const facts = this.facts(state, peer);
    const row = facts.rows[s]!;
    const running = state[this.run(peer)]!;
    const me = letter(peer);
    const name = names[s];
    const isDealer = this.material.dealt[s]!.dealers.includes(peer);
    const isMember = (this.members[s]! & bit(peer)) !== 0;
    const isFree = mutant === "no lock" || !facts.locked;
    const isNew = row.state === "none" && (state[this.begun(s)]! & bit(peer)) === 0;
    if (running === 0 && isNew && isFree && !facts.retired && (facts.holdsOld || !isDealer)) {
      const { disk } = this.act(state, peer, "begin", s);
      const begun = add(state, this.begun(s), peer);
      steps.push(
        step(state, `${me} begins ${name}`, [this.disk(peer), disk], [this.run(peer), s + 1], begun),
      );
    }
    if (
      running === s + 1 && row.state === "opened" && isFree &&
      this.all(this.parties[s]!, state[this.begun(s)]!)
    ) {
      const { disk } = this.act(state, peer, "release", s);
      const said = `${me} releases the epoch to ${name}`;
      const word = add(state, this.released(s), peer);
      if (mutant === "release said before it is written") {
        steps.push(step(state, said, [this.run(peer), early + s + 1], word));
      } else steps.push(step(state, said, [this.disk(peer), disk], word));
    }
    const isReleased = mutant === "vote before all releases" ||
      this.all(this.parties[s]!, state[this.released(s)]!);
    if (running === s + 1 && row.state === "released") {
      if (isMember && isReleased) this.#votes(state, peer, s, steps);
      if (!isMember && this.isSigned(state, s)) {
        const { disk } = this.act(state, peer, "witness", s);
        const said = `${me} has all votes of ${name}`;
        steps.push(step(state, said, [this.disk(peer), disk], [this.run(peer), 0]));
      }
    }
    if (running === early + s + 1 && isMember && isReleased) {
      const { disk } = this.act(state, peer, "release", s);
      const written = step(state, "", [this.disk(peer), disk]).next;
      this.#votes(written, peer, s, steps);
    }
    if (isMember && running === 0 && row.share && row.state !== "active" && row.state !== "lost") {
      if (this.isSigned(state, s) && !this.isOut(state, peer, s)) {
        const { disk } = this.act(state, peer, "collect", s);
        if (disk !== state[this.disk(peer)]) {
          steps.push(step(state, `${me} has all votes of ${name}: active`, [this.disk(peer), disk]));
        }
      }
    }
    this.#operate(state, peer, s, steps);
  }

  /** What an operator may do to a session that is not decided. */
  #operate(state: State, peer: number, s: number, steps: Step[]): void {
    const { rows, retired } = this.facts(state, peer);
    const row = rows[s]!;
    const who = `${letter(peer)}'s operator`;
    const isMember = this.material.dealt[s]!.members.includes(peer);
    const isUndecided = row.state === "pending" || (row.state === "released" && !isMember);
    if (isUndecided && state[this.giveUps()]! < this.powers.giveUps) {
      const { disk } = this.act(state, peer, "giveUp", s);
      const used = [this.giveUps(), state[this.giveUps()]! + 1] as const;
      const noted = add(state, this.gaveUp(s), peer);
      steps.push(step(state, `${who} gives ${names[s]} up`, [this.disk(peer), disk], used, noted));
    }
    const isErasable = retired || this.powers.mutant === "a given-up share erased";
    if (this.powers.erases && isErasable && row.state === "given-up" && row.share) {
      const { disk } = this.act(state, peer, "eraseGivenUp", s);
      steps.push(step(state, `${who} erases its share of ${names[s]}`, [this.disk(peer), disk]));
    }
  }

  #votes(state: State, peer: number, s: number, steps: Step[]): void {
    const { disk } = this.act(state, peer, "vote", s);
    if (disk === state[this.disk(peer)]) return;
    const said = `${letter(peer)} writes its share of ${names[s]}, and votes`;
    steps.push(
      step(state, said, [this.disk(peer), disk], [this.run(peer), 0], add(state, this.voted(s), peer)),
    );
  }

  /** What a peer says when it is asked about a session, and what it hears. */
  #heal(state: State, peer: number, s: number, steps: Step[]): void {
    const row = this.facts(state, peer).rows[s]!;
    const me = letter(peer);
    const name = names[s];
    const here = state[this.disk(peer)]!;
    const runs = (state[this.run(peer)]! & (early - 1)) === s + 1;
    const take = (act: Act, said: string, heals: boolean): void => {
      const { disk } = this.act(state, peer, act, s);
      if (disk !== here) steps.push(step(state, said, [this.disk(peer), disk], heals));
    };
    const isOut = this.isOut(state, peer, s);
    if (!runs && row.state !== "none" && row.state !== "lost") this.#stand(state, peer, s, steps);
    if (!runs && (row.state === "pending" || row.state === "released")) {
      for (const by of this.material.dealt[s]!.members) {
        const lies = (this.cheaters & bit(by)) !== 0;
        const refuses = (state[this.refused(s)]! & bit(by)) !== 0;
        if (by === peer) continue;
        if (lies || refuses) take(`no ${by}`, `${me} gets ${letter(by)}'s no to ${name}`, !lies);
        if (lies && !(row.yes & bit(by))) {
          take(`yes ${by}`, `${me} gets ${letter(by)}'s yes to ${name}`, false);
        }
      }
    }
    if (!runs && !isOut && row.share && row.state !== "active" && this.isSigned(state, s)) {
      take("heal", `${me} gets the votes of all to ${name}`, (this.members[s]! & this.cheaters) === 0);
    }
    if (!row.certified && !isOut) {
      const shown = this.knowing(state, s).length > 0;
      const lies = (this.parties[s]! & this.cheaters) !== 0 && this.isSigned(state, s);
      if (shown || lies) take("learn", `${me} is shown the certificate of ${name}`, shown);
    }
  }

  #stand(state: State, peer: number, s: number, steps: Step[]): void {
    const { mutant } = this.powers;
    const row = this.facts(state, peer).rows[s]!;
    const { disk, says } = this.act(state, peer, "stand", s);
    const word = says === "yes" ? this.voted(s) : this.refused(s);
    const said = `${letter(peer)} says ${says ?? "nothing"} to ${names[s]}`;
    if (mutant === "given up without a share says yes" && row.state === "given-up" && !row.share) {
      steps.push(
        step(state, `${letter(peer)} says yes to ${names[s]}`, add(state, this.voted(s), peer), true),
      );
      return;
    }
    const written = [
      this.disk(peer),
      mutant === "no said before it is written" ? state[this.disk(peer)]! : disk,
    ] as const;
    const next = says === null
      ? step(state, said, written, true)
      : step(state, said, written, add(state, word, peer), true);
    if (next.next.some((value, i) => value !== state[i])) steps.push(next);
  }

  /** The steps of a peer that concern no single session. */
  #alone(state: State, peer: number, steps: Step[]): void {
    const { mutant, goesBack } = this.powers;
    const facts = this.facts(state, peer);
    const me = letter(peer);
    const running = state[this.run(peer)]!;
    if (running !== 0) {
      steps.push(this.#fails(state, peer, (running & (early - 1)) - 1));
    }
    if (facts.holdsOld && facts.retired) {
      const { disk } = this.act(state, peer, "sweep", 0, this.#claims(state, peer));
      if (disk !== state[this.disk(peer)]) {
        steps.push(step(state, `${me} erases its old share`, [this.disk(peer), disk], true));
      }
    }
    if (
      mutant === "erased when pending" && facts.holdsOld &&
      facts.rows.some(({ state }) => state === "pending")
    ) {
      const { disk } = this.act(state, peer, "eraseOld", 0);
      steps.push(step(state, `${me} erases its old share`, [this.disk(peer), disk], true));
    }
    const wasMember = this.material.scenario.members.includes(peer);
    const isOut = facts.rows.every((row, s) => !(this.members[s]! & bit(peer)) || row.state === "none");
    if (wasMember && !facts.holdsOld && isOut && running === 0) {
      steps.push(step(state, `${me} leaves, and is never seen again`, add(state, this.left(), peer)));
    }
    if (goesBack === peer) {
      const back = state[this.back()]!;
      const copied = [this.copy(), state[this.disk(peer)]!] as const;
      if (back === 0) steps.push(step(state, `a copy is made of ${me}'s disk`, [this.back(), 1], copied));
      if (back === 1) steps.push(this.#goesBack(state, peer));
    }
  }

  /** A session that fails, and a process that ends, leave the same: the disk. */
  #fails(state: State, peer: number, s: number): Step {
    const said = `${letter(peer)}'s session ${names[s]} fails, or it starts again`;
    const ends = [this.run(peer), 0] as const;
    const isReleased = this.facts(state, peer).rows[s]!.state === "released";
    if (this.powers.mutant !== "unlocked when a session fails" || !isReleased) {
      return step(state, said, ends, true);
    }
    const { disk } = this.act(state, peer, "unlock", s);
    return step(state, said, ends, [this.disk(peer), disk], true);
  }

  #goesBack(state: State, peer: number): Step {
    const said = `${letter(peer)}'s disk goes back to the copy`;
    const copied = step(state, said, [this.disk(peer), state[this.copy()]!], [this.run(peer), 0], [
      this.back(),
      2,
    ], [this.copy(), 0]);
    if (this.powers.mutant === "disk that went back unnoticed") return copied;
    const { disk } = this.act(copied.next, peer, "doubt", 0);
    return step(copied.next, said, [this.disk(peer), disk]);
  }

  /** The peers that say that they hold a share of each session's epoch, with its certificate on disk. */
  #claims(state: State, peer: number): Bits[] {
    return this.members.map((members, s) => {
      if (this.powers.mutant === "erased before t' say so") return members & ~bit(peer);
      const holding = this.honest.filter((other) =>
        other !== peer && this.here(state, other) && this.facts(state, other).rows[s]!.state === "active"
      );
      return members & (bitsOf(holding) | this.cheaters);
    });
  }
}
