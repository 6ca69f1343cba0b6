/**
 * The actions behind the page's buttons.
 * @module
 */
import type { CommandId, Failure } from "../../src/events.ts";
import { InputError, SessionError } from "../../src/errors.ts";
import type { PeerId } from "../../src/failure.ts";
import { plainInput } from "../text/plain_input.ts";
import type { Advice } from "../state/advice.ts";
import { strangerFrames } from "../state/scenario.ts";
import type { Console, KeyRequest, SessionHandle, SignRequest } from "./node_port.ts";
import { findKey } from "../state/primary.ts";
import { type OwnRequest, type Session, type SessionKey, sessionKey } from "../state/sessions.ts";
import { pendingScenario, type Scenario } from "../state/scenario.ts";
import type { AppStore } from "../state/store.ts";
import { verifyHere } from "./verify.ts";

/** The field that was refused and a sentence about it; null if the input was accepted. */
export type Refusal = { field: string; message: string } | null;
export type After = OwnRequest["after"];

export interface Act {
  generate(request: KeyRequest, after?: After): Refusal;
  sign(request: SignRequest, after?: After): Refusal;
  cancel(id: CommandId): void;
  /** Carries out the advice of a card's button, except for forms, which the page opens. */
  follow(session: Session, advice: Advice): Refusal;
  /** Checks the signed messages behind a failure. */
  check(session: Session, failure: Failure): void;
  /** Checks them without being asked: once for each accuser, except this page's own node. */
  accused(failure: Failure): void;
  /** @returns False if the browser refuses. */
  copy(text: string): Promise<boolean>;
  select(key: string): void;
  unfold(session: SessionKey, open: boolean): void;
  arm(scenario: Pick<Scenario, "peer" | "will" | "see" | "expect">, cheat: string): void;
}

export function createActions({ node, demo, verifyEvidence }: Console, store: AppStore): Act {
  const { dispatch } = store;
  const handles = new Map<CommandId, SessionHandle<unknown>>();
  let scenarios = 0;

  function follow<T>(handle: SessionHandle<T>, onResult: (result: T) => Promise<void>): void {
    handles.set(handle.id, handle);
    handle.result.then(onResult).catch((error: unknown) => {
      dispatch({
        type: "rejected",
        id: handle.id,
        code: error instanceof SessionError ? error.code : "internal",
      });
    }).finally(() => handles.delete(handle.id));
  }

  const act: Act = {
    generate: (request, after) =>
      refusal(() => {
        const handle = node.generateKey(request);
        const { wallet, scheme, threshold, members } = request;
        const own = { threshold, ...(members && { members }), ...(after && { after }) };
        dispatch({ type: "requested", id: handle.id, kind: "generate", wallet, scheme, request: own });
        follow(handle, async () => {
          dispatch({ type: "result", id: handle.id, outcome: { signature: null, verified: null } });
          dispatch({ type: "keys", keys: await node.keys() });
        });
      }),
    sign: (request, after) =>
      refusal(() => {
        const armed = pendingScenario(store.state.scenarios);
        const handle = node.sign(request);
        const { wallet, scheme, key: id, path, signers, ...input } = request;
        const own = {
          input,
          ...(id && { key: id }),
          ...(path && { path }),
          ...(signers && { signers }),
          ...(after && { after }),
        };
        dispatch({ type: "requested", id: handle.id, kind: "sign", wallet, scheme, request: own });
        if (armed?.peer === null) void demo?.stranger(strangerFrames).catch(() => refuse(armed.id));
        follow(handle, async (signature) => {
          const outcome = { signature, verified: null };
          dispatch({ type: "result", id: handle.id, outcome });
          const key = findKey(request, store.state);
          if (!key) return;
          const verified = await verifyHere(key, { input, path: path ?? [], signature });
          dispatch({ type: "result", id: handle.id, outcome: { ...outcome, verified } });
        });
      }),
    cancel: (id) => handles.get(id)?.cancel(),
    follow(session, advice) {
      const { wallet, scheme, request } = session;
      if (wallet === null || scheme === null || !request) return null;
      if (advice.do === "generate") {
        const { threshold = 2, members } = request;
        return act.generate({ wallet, scheme, threshold, ...(members && { members }) }, {
          session: session.key,
          without: [],
        });
      }
      if (advice.do !== "sign" || !request.input) return null;
      const signers = advice.signers && { signers: advice.signers };
      const after = { session: session.key, without: advice.without };
      const key = request.key && { key: request.key };
      const path = request.path && { path: request.path };
      return act.sign({ wallet, scheme, ...key, ...request.input, ...path, ...signers }, after);
    },
    check(session, failure) {
      const about = { type: "proof", session: session.key, by: failure.peer } as const;
      dispatch({ ...about, proof: "looking" });
      verifyEvidence(failure, session.request?.input?.message ?? null)
        .catch(() => "unknown" as const)
        .then((proof) => dispatch({ ...about, proof }));
    },
    accused(failure) {
      const session = store.state.sessions.get(sessionKey(failure));
      if (!session || session.proofs.has(failure.peer) || failure.peer === store.state.self) return;
      act.check(session, failure);
    },
    copy: async (text) => {
      try {
        await navigator.clipboard.writeText(text);
        return true;
      } catch {
        return false;
      }
    },
    select: (key) => dispatch({ type: "select", key }),
    unfold: (session, open) => dispatch({ type: "unfold", session, open }),
    arm(scenario, cheat) {
      const id = ++scenarios;
      dispatch({ type: "scenario-arming", scenario: { id, ...scenario } });
      const done = scenario.peer === null ? Promise.resolve() : misbehave(scenario.peer, cheat);
      done.then(() => dispatch({ type: "scenario-armed", id })).catch(() => refuse(id));
    },
  };
  return act;

  function refuse(id: number): void {
    dispatch({ type: "scenario-refused", id, problem: "That peer did not accept the order." });
  }
  async function misbehave(peer: PeerId, cheat: string): Promise<void> {
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
