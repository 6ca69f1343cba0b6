/**
 * The actions behind the page's buttons.
 * @module
 */
import type { CommandId, Failure, SessionId } from "../../src/events.ts";
import { InputError, SessionError, StoreError } from "../../src/errors.ts";
import type { PeerId } from "../../src/failure.ts";
import { plainInput } from "../text/plain_input.ts";
import { remarksOf } from "../text/remarks.ts";
import type { Advice } from "../state/advice.ts";
import { strangerFrames } from "../state/scenario.ts";
import type {
  BatchRequest,
  Console,
  GroupKey,
  KeyRequest,
  ReshareRequest,
  SessionHandle,
  Signature,
} from "./node_port.ts";
import { findKey } from "../state/primary.ts";
import { type OwnRequest, type Session, type SessionKey, sessionKey } from "../state/sessions.ts";
import { pendingScenario, type Scenario } from "../state/scenario.ts";
import type { AppStore } from "../state/store.ts";
import { save } from "./save.ts";
import { verifyAll } from "./verify.ts";

/** The field that was refused and a sentence about it; null if the input was accepted. */
export type Refusal = { field: string; message: string } | null;
export type After = OwnRequest["after"];

export interface Act {
  generate(request: KeyRequest, after?: After): Refusal;
  reshare(request: ReshareRequest, after?: After): Refusal;
  /**
   * Requests one resharing after the other; the first that fails ends it.
   *
   * @param onRefusal Called with the refusal of a later one.
   * @returns The refusal of the first.
   */
  reshareEach(requests: readonly ReshareRequest[], onRefusal: (refusal: Refusal) => void): Refusal;
  /** Requests the signatures of all items: one item as such, several as a batch. */
  sign(request: BatchRequest, after?: After): Refusal;
  /**
   * Lets this tab's node use a key again that it has frozen, and reshare one whose resharing it has paused; with `peer`,
   * use the key with that peer again. @returns The refusal.
   */
  unfreeze(key: GroupKey, peer?: PeerId): Promise<Refusal>;
  cancel(id: CommandId): void;
  /** Carries out the advice of a card's button, except for forms, which the page opens. */
  follow(session: Session, advice: Advice): Refusal;
  /** Checks the signed messages behind a failure. */
  check(session: Session, failure: Failure): void;
  /** Checks them without being asked: once for each accuser, except this page's own node. */
  accused(failure: Failure): void;
  /** @returns False if the browser refuses. */
  copy(text: string): Promise<boolean>;
  /** Offers the person a text as a file to save. */
  save(name: string, text: string): void;
  select(key: SessionId): void;
  unfold(session: SessionKey, open: boolean): void;
  arm(scenario: Pick<Scenario, "peer" | "will" | "see" | "expect">, cheat: string): void;
}

export function createActions(console: Console, store: AppStore): Act {
  return new PageActions(console, store);
}

class PageActions implements Act {
  readonly #console: Console;
  readonly #store: AppStore;
  /** The handles of the requests that are not over. */
  readonly #handles = new Map<CommandId, SessionHandle<unknown>>();
  #scenarios = 0;

  constructor(console: Console, store: AppStore) {
    this.#console = console;
    this.#store = store;
  }

  generate(request: KeyRequest, after?: After): Refusal {
    const { node } = this.#console;
    return refusal(() => {
      const handle = node.generateKey(request);
      const { id } = handle;
      const { wallet, scheme, threshold, members } = request;
      const own = { threshold, ...remarksOf(request), ...(members && { members }), ...(after && { after }) };
      this.#store.dispatch({ type: "requested", id, kind: "generate", wallet, scheme, request: own });
      void this.#await(handle, async () => {
        this.#store.dispatch({ type: "result", id, outcome: { signatures: [], verified: null } });
        this.#store.dispatch({ type: "keys", keys: await node.keys() });
      });
    });
  }

  reshare(request: ReshareRequest, after?: After): Refusal {
    return refusal(() => void this.#reshare(request, after));
  }

  reshareEach(
    [first, ...rest]: readonly ReshareRequest[],
    onRefusal: (refusal: Refusal) => void,
  ): Refusal {
    if (first === undefined) return null;
    return refusal(() => {
      void this.#reshare(first).then((done) => {
        if (!done || rest.length === 0) return;
        const refused = this.reshareEach(rest, onRefusal);
        if (refused) onRefusal(refused);
      });
    });
  }

  /** @returns Whether it succeeds. @throws {InputError} At once. */
  #reshare(request: ReshareRequest, after?: After): Promise<boolean> {
    const { node } = this.#console;
    const handle = node.reshare(request);
    const { id } = handle;
    const { wallet, scheme, keyId, threshold, members, gone } = request;
    const own = {
      threshold,
      members,
      ...remarksOf(request),
      ...(keyId && { keyId }),
      ...(gone && { gone }),
      ...(after && { after }),
    };
    this.#store.dispatch({ type: "requested", id, kind: "reshare", wallet, scheme, request: own });
    return this.#await(handle, async () => {
      this.#store.dispatch({ type: "result", id, outcome: { signatures: [], verified: null } });
      this.#store.dispatch({ type: "keys", keys: await node.keys() });
    });
  }

  sign(request: BatchRequest, after?: After): Refusal {
    return refusal(() => {
      const armed = pendingScenario(this.#store.state.scenarios);
      const handle = this.#begin(request);
      const { id } = handle;
      const { wallet, scheme, keyId, signers, items } = request;
      const own = {
        items,
        ...remarksOf(request),
        ...(keyId && { keyId }),
        ...(signers && { signers }),
        ...(after && { after }),
      };
      this.#store.dispatch({ type: "requested", id, kind: "sign", wallet, scheme, request: own });
      if (armed?.peer === null) this.#sendStranger(armed.id);
      void this.#await(handle, async (result) => {
        const signatures = Array.isArray(result) ? result : [result];
        const outcome = { signatures, verified: null };
        this.#store.dispatch({ type: "result", id, outcome });
        const key = findKey(request, this.#store.state);
        if (!key) return;
        const verified = await verifyAll(key, items, signatures);
        this.#store.dispatch({ type: "result", id, outcome: { ...outcome, verified } });
      });
    });
  }

  async unfreeze({ wallet, scheme, session: keyId }: GroupKey, peer?: PeerId): Promise<Refusal> {
    const { node } = this.#console;
    try {
      await node.unfreeze({ wallet, scheme, keyId }, peer === undefined ? {} : { peer });
    } catch (error) {
      if (error instanceof InputError || error instanceof StoreError) {
        return { field: "wallet", message: error.message };
      }
      throw error;
    }
    this.#store.dispatch({ type: "keys", keys: await node.keys() });
    return null;
  }

  cancel(id: CommandId): void {
    this.#handles.get(id)?.cancel();
  }

  follow(session: Session, advice: Advice): Refusal {
    const { wallet, scheme, request } = session;
    if (wallet === null || scheme === null || !request) return null;
    if (advice.do === "generate") {
      const { threshold = 2, members } = request;
      const after = { session: session.key, without: [] };
      const more = { ...remarksOf(request), ...(members && { members }) };
      return this.generate({ wallet, scheme, threshold, ...more }, after);
    }
    if (advice.do === "reshare") {
      const { threshold, members, gone } = request;
      if (threshold === undefined || members === undefined) return null;
      const after = { session: session.key, without: [] };
      const key = request.keyId && { keyId: request.keyId };
      const more = { ...remarksOf(request), ...key, ...(gone && { gone }) };
      return this.reshare({ wallet, scheme, threshold, members, ...more }, after);
    }
    if (advice.do !== "sign" || !request.items) return null;
    const signers = advice.signers && { signers: advice.signers };
    const after = { session: session.key, without: advice.without };
    const key = request.keyId && { keyId: request.keyId };
    const more = { ...remarksOf(request), ...signers };
    return this.sign({ wallet, scheme, ...key, items: request.items, ...more }, after);
  }

  check(session: Session, failure: Failure): void {
    const about = { type: "proof", session: session.key, by: failure.peer } as const;
    this.#store.dispatch({ ...about, proof: "looking" });
    this.#console.verifyEvidence(failure, session.request?.items ?? null)
      .catch(() => "unknown" as const)
      .then((proof) => this.#store.dispatch({ ...about, proof }));
  }

  accused(failure: Failure): void {
    const { sessions, self } = this.#store.state;
    const session = sessions.get(sessionKey(failure));
    if (!session || session.proofs.has(failure.peer) || failure.peer === self) return;
    this.check(session, failure);
  }

  async copy(text: string): Promise<boolean> {
    try {
      await navigator.clipboard.writeText(text);
      return true;
    } catch {
      return false;
    }
  }

  save(name: string, text: string): void {
    save(name, new TextEncoder().encode(text));
  }

  select(key: SessionId): void {
    this.#store.dispatch({ type: "select", key });
  }

  unfold(session: SessionKey, open: boolean): void {
    this.#store.dispatch({ type: "unfold", session, open });
  }

  arm(scenario: Pick<Scenario, "peer" | "will" | "see" | "expect">, cheat: string): void {
    const id = ++this.#scenarios;
    this.#store.dispatch({ type: "scenario-arming", scenario: { id, ...scenario } });
    const done = scenario.peer === null ? Promise.resolve() : this.#misbehave(scenario.peer, cheat);
    done.then(() => this.#store.dispatch({ type: "scenario-armed", id })).catch(() => this.#refuse(id));
  }

  /** Keeps a handle until its request is over; a failure is dispatched. @returns Whether it succeeds. */
  #await<T>(handle: SessionHandle<T>, onResult: (result: T) => Promise<void>): Promise<boolean> {
    const { id } = handle;
    this.#handles.set(id, handle);
    return handle.result.then(onResult).then(() => true).catch((error: unknown) => {
      const code = error instanceof SessionError ? error.code : "internal";
      this.#store.dispatch({ type: "rejected", id, code });
      return false;
    }).finally(() => this.#handles.delete(id));
  }

  /** @throws {InputError} */
  #begin({ items, ...choice }: BatchRequest): SessionHandle<Signature | Signature[]> {
    const { node } = this.#console;
    const [only] = items;
    return only && items.length === 1 ? node.sign({ ...choice, ...only }) : node.sign({ ...choice, items });
  }

  #sendStranger(scenario: number): void {
    void this.#console.demo?.stranger(strangerFrames).catch(() => this.#refuse(scenario));
  }

  #refuse(id: number): void {
    const problem = "That peer did not accept the order.";
    this.#store.dispatch({ type: "scenario-refused", id, problem });
  }

  async #misbehave(peer: PeerId, cheat: string): Promise<void> {
    const { demo } = this.#console;
    if (!demo) throw new Error("Cannot arm a peer: this is not a demo");
    await demo.misbehave(peer, { cheat });
  }
}

/** Runs a request. @returns Its refusal if the input was wrong, or null. */
function refusal(run: () => void): Refusal {
  try {
    run();
    return null;
  } catch (error) {
    if (error instanceof InputError) return { field: error.field, message: plainInput(error) };
    throw error;
  }
}
