/**
 * The pages of a cluster: what the product's own code makes of what each node tells and hears, and what its buttons do.
 * No card names an honest peer as at fault or advises against one, and every button that is offered can succeed.
 * @module
 */
import { type Failure, isTerminal, type NodeEvent } from "../../src/events.ts";
import { type FailureCode, failures, type PeerId } from "../../src/failure.ts";
import { schemes } from "../../src/schemes/schemes.ts";
import { type Act, createActions } from "../../web/node/actions.ts";
import { type Advice, advise } from "../../web/state/advice.ts";
import { cardText, statement } from "../../web/text/card.ts";
import { amongPeers } from "../../web/holder/self.ts";
import { shownAttempt } from "../../web/state/members.ts";
import { keyId, namer } from "../../web/text/names.ts";
import type { Console, NodePort } from "../../web/node/node_port.ts";
import { adviceInputOf, madeKey } from "../../web/state/primary.ts";
import { type Session, type SessionKey, sessionKey } from "../../web/state/sessions.ts";
import { initial, type State } from "../../web/state/model.ts";
import { type Action, reduce } from "../../web/state/reduce.ts";
import { summarize } from "../../web/state/summary.ts";
import { isCheat } from "./cells.ts";
import type { Cluster } from "./cluster.ts";
import type { inputsOf } from "./asks.ts";
import { console, type Schedule, walletOf } from "./schedule.ts";

/** Virtual time in which what a button began has come to its end, ms. */
const pressMs = 90_000;

/** A card says so of the key whose session failed for whoever asked, and which is there. */
const madeAllTheSame = "A key of this name was made, and all its members have confirmed it.";

class Page {
  state: State = initial;
  readonly #now: () => number;
  constructor(now: () => number) {
    this.#now = now;
  }
  readonly dispatch = (action: Action): void => {
    this.state = reduce(this.state, action, this.#now());
  };
}

export class Screens {
  readonly #cluster: () => Cluster;
  readonly #pages = new Map<string, Page>();
  /** Who cheats in the schedule under way. */
  #cheat: PeerId | null = null;

  constructor(cluster: () => Cluster) {
    this.#cluster = cluster;
  }

  #page(name: string): Page {
    const page = this.#pages.get(name) ?? new Page(() => this.#cluster().clock.now());
    this.#pages.set(name, page);
    return page;
  }

  /** An item that `name` tells or hears. The page checks accusations by itself. */
  told(name: string, event: NodeEvent): void {
    const page = this.#page(name);
    page.dispatch(event);
    const { nodes } = this.#cluster();
    if (event.type !== "failed" || event.evidence === undefined || !nodes.has(name)) return;
    this.#actions(name, page).accused(event);
  }

  #actions(name: string, page: Page): Act {
    const node = this.#node(name);
    return createActions({ node, demo: null, schemes: [], verifyEvidence: this.#check(name) }, page);
  }

  /** What signed messages show is tested elsewhere: here they show who cheated, to whoever has fetched them. */
  #check(name: string): Console["verifyEvidence"] {
    const { node } = this.#cluster().at(name);
    return async (failure) => {
      const evidence = await node.evidence(failure);
      if (evidence === null) return "not-fetched";
      return failure.culprits.every((peer) => peer === this.#cheat) ? "proven" : "not-proven";
    };
  }

  /** The process of `name` is gone, and its page with it. */
  died(name: string): void {
    this.#pages.delete(name);
  }

  /** The page of whoever asks remembers what it has asked for. */
  asked(
    { initiator, kind, party, threshold, index, scheme }: Schedule,
    id: string,
    items: ReturnType<typeof inputsOf>,
  ): void {
    if (kind === "ecdh") return;
    const members = party.map((name) => this.#cluster().peer(name));
    this.#page(initiator).dispatch({
      type: "requested",
      id,
      kind,
      scheme,
      ...(kind === "generate" ? { wallet: `w${index}`, request: { threshold, members } } : {
        wallet: walletOf(scheme, party.length),
        request: { items, signers: members },
      }),
    });
  }

  /** A schedule begins: sessions that are over are forgotten. */
  begin(schedule: Schedule): void {
    this.#cheat = isCheat(schedule) ? this.#cluster().peer(schedule.faulty) : null;
    for (const page of this.#pages.values()) page.state = { ...page.state, sessions: new Map() };
  }

  /** What pages know a schedule's session by. Of an exchange they keep none. */
  #key({ initiator }: Schedule, id: string): SessionKey {
    return sessionKey({ initiator: this.#cluster().peer(initiator), id });
  }

  /** What the page of `name` has for a node: that of a holder's page is among its peers. */
  #node(name: string): NodePort {
    const { node } = this.#cluster().at(name);
    return name === console ? node : amongPeers(node);
  }

  /** What the page asks its node now and then. */
  async #look(name: string): Promise<void> {
    const node = this.#node(name);
    const page = this.#page(name);
    const { rights } = node.roster.peers.find(({ peer }) => peer === node.self)!;
    page.dispatch({ type: "self", self: node.self, rights });
    page.dispatch({ type: "peers", peers: new Map(node.peers) });
    page.dispatch({ type: "bans", bans: node.bans() });
    page.dispatch({ type: "quarantines", quarantines: node.quarantines() });
    const keys = await node.keys();
    page.dispatch({ type: "keys", keys });
    for (const key of keys) {
      const readiness = await node.readiness({ ...key, keyId: key.session });
      page.dispatch({ type: "readiness", key: keyId(key), readiness });
    }
  }

  /** What is not so on the pages of those who are here and honest. */
  async wrong(schedule: Schedule, id: string): Promise<string[]> {
    const found: string[] = [];
    const key = this.#key(schedule, id);
    for (const name of this.#cluster().nodes.keys()) {
      if (isCheat(schedule) && name === schedule.faulty) continue;
      await this.#look(name);
      const { state } = this.#page(name);
      const session = state.sessions.get(key);
      if (!session) continue;
      const lies = name === schedule.faulty ? [] : this.#lies(session, state, schedule);
      for (const shown of [session, ...lies]) {
        found.push(...this.#untrue(shown, state, schedule).map((what) => `${name} ${what}`));
      }
    }
    return found;
  }

  /** The session as it would be if whoever is faulty told of honest peers what is not so, each time in another way. */
  #lies(session: Session, state: State, { faulty, party }: Schedule): Session[] {
    const attempt = session.attempts.get(shownAttempt(session, state)?.attempt ?? "");
    const [liar, victim] = [faulty, party.find((name) => name !== faulty)!].map((name) =>
      this.#cluster().peer(name)
    ) as [PeerId, PeerId];
    const account = attempt?.accounts.get(liar);
    const last = account?.events.at(-1);
    if (!attempt || !account || !last) return [];
    const { id, initiator, kind, wallet, scheme, session: key, peer, boot, seq, at } = last;
    const lie = (code: FailureCode, evidence?: string): Failure => ({
      ...{ type: "failed", id, initiator, kind, wallet, scheme, session: key, peer, boot, seq: seq + 1, at },
      ...{ attempt: attempt.attempt, code, remedy: failures[code].remedy, key: "safe", phase: "exchanging" },
      ...{ round: null, culprits: [victim], missing: [], claims: [], ...evidence && { evidence } },
    } as Failure);
    // Where nobody can show a wrong share, an accusation with evidence is one that this page cannot check.
    const showsShares = scheme === null || schemes[scheme].shares !== null;
    return [
      lie("equivocation"),
      lie("equivocation", "ab".repeat(32)),
      lie("invalid-signature-share", "cd".repeat(32)),
      lie("malformed-message", "ef".repeat(32)),
    ].filter(({ code }) => code !== "invalid-signature-share" || showsShares).map((lied) => {
      const events = [...account.events.filter((event) => !isTerminal(event)), lied];
      const accounts = new Map(attempt.accounts).set(liar, { peer: liar, events });
      const attempts = new Map(session.attempts).set(attempt.attempt, { ...attempt, accounts });
      return { ...session, attempts, proofs: new Map([...session.proofs].filter(([by]) => by !== liar)) };
    });
  }

  #untrue(session: Session, state: State, schedule: Schedule): string[] {
    const cluster = this.#cluster();
    const cheat = isCheat(schedule) ? cluster.peer(schedule.faulty) : null;
    const faulty = cluster.peer(schedule.faulty);
    const summary = summarize(session, state);
    const { failure, disputed, wordOnly, unchecked } = summary;
    if (failure === null) return [];
    const names = (peers: readonly PeerId[]) => peers.map((peer) => cluster.nameOf(peer)).join(" and ");
    const nameOf = namer(state.peers);
    const made = madeKey(session, summary, state) !== null;
    const card = cardText({ ...summary, failure }, nameOf, { made });
    const told = [card.what, ...summary.ends.map((end) => statement(end, nameOf))].join(" ");
    const found: string[] = [];
    const blamed = disputed || wordOnly || unchecked || failures[failure.code].names !== "culprits"
      ? []
      : failure.culprits;
    const honest = blamed.filter((peer) => peer !== cheat);
    if (honest.length > 0) found.push(`shows ${names(honest)} as at fault: ${told}`);
    for (const advice of advise(session, summary, adviceInputOf(session, state))) {
      const waitedFor = failures[failure.code].names === "missing" ? failure.missing : [];
      const victims = leftOut(advice, session).filter((peer) => peer !== faulty && !waitedFor.includes(peer));
      if (victims.length > 0) found.push(`offers “${advice.label}” against ${names(victims)}: ${told}`);
    }
    const silent = isSilent(schedule) && failures[failure.code].names === "missing" &&
      failure.phase === "exchanging";
    if (silent && !failure.missing.includes(faulty)) {
      found.push(`says that ${names(failure.missing)} did not answer, and not ${schedule.faulty}: ${told}`);
    }
    const isTrue = session === state.sessions.get(session.key);
    if (isTrue && session.kind === "generate" && hasKey(session, state) !== (card.key === madeAllTheSame)) {
      found.push(`says “${card.key}” of ${session.wallet}: ${told}`);
    }
    return found;
  }

  /**
   * Presses each button that the page of whoever asked offers.
   *
   * @returns What came of those that led to nothing.
   */
  async pressed(schedule: Schedule, id: string): Promise<string[]> {
    const { initiator } = schedule;
    const cluster = this.#cluster();
    if (!cluster.nodes.has(initiator)) return [];
    await this.#look(initiator);
    const page = this.#page(initiator);
    const session = page.state.sessions.get(this.#key(schedule, id));
    if (!session) return [];
    const summary = summarize(session, page.state);
    const act = this.#actions(initiator, page);
    const failed: string[] = [];
    for (const advice of advise(session, summary, adviceInputOf(session, page.state))) {
      if (advice.do === "form" || advice.do === "holders") continue; // these open a form
      const before = new Set(page.state.sessions.keys());
      const refusal = act.follow(session, advice);
      const next = [...page.state.sessions.keys()].find((one) => !before.has(one));
      const now = () => next === undefined ? undefined : page.state.sessions.get(next);
      const over = () => !now() || now()!.outcome !== null || now()!.rejected !== null;
      for (let waited = 0; !over() && waited < pressMs; waited += 100) await cluster.clock.pass(100);
      if (now()?.outcome === null || refusal) {
        const end = refusal?.message ?? now()!.rejected ?? "nothing";
        failed.push(`${initiator} pressed “${advice.label}” after ${summary.failure!.code}: ${end}`);
      }
      if (advice.do === "generate") break; // the name has a key now
    }
    return failed;
  }
}

/** Whether somebody falls silent in the middle of the rounds, and everybody else is well. */
const isSilent = ({ fault, phase }: Schedule) =>
  (fault === "silence" || fault === "crash") && (phase.startsWith("key") || phase.startsWith("sign"));

/** Whether there is an active key of the name that a session was to make. */
function hasKey({ wallet }: Session, { keys }: State): boolean {
  return keys?.some((key) => key.wallet === wallet && key.state === "active") ?? false;
}

/** Whom a button leaves out of what was asked for. */
function leftOut(advice: Advice, { request }: Session): readonly PeerId[] {
  if (advice.do === "sign") return advice.without;
  if (advice.do === "generate" || advice.do === "reshare") return [];
  if (advice.do === "holders") {
    const { key, members } = advice.choice;
    return key.members.filter((peer) => !members.includes(peer));
  }
  return (request?.members ?? []).filter((peer) => !advice.members.includes(peer));
}
