/**
 * What the buttons do.
 * @module
 */
import type { CommandId, Failure } from "../../src/events.ts";
import { InputError, SessionError } from "../../src/errors.ts";
import type { PeerId } from "../../src/failure.ts";
import { plainInput } from "../text/plain_input.ts";
import type { Advice } from "../state/advice.ts";
import { strangerFrames } from "../state/scenario.ts";
import type { Console, KeyRequest, SessionHandle, SignRequest } from "./node_port.ts";
import { keyOf } from "../state/primary.ts";
import { type Asked, type Session, type SessionKey, sessionKey } from "../state/sessions.ts";
import { type Show, waiting } from "../state/scenario.ts";
import type { AppStore } from "../state/store.ts";
import { verifyHere } from "./verify.ts";

/** What was wrong with what was put in, or null. */
export type Refusal = { field: string; message: string } | null;
export type After = Asked["after"];

export interface Act {
  generate(request: KeyRequest, after?: After): Refusal;
  sign(request: SignRequest, after?: After): Refusal;
  cancel(id: CommandId): void;
  /** Does what a card's button says. Forms are the page's own business. */
  follow(session: Session, advice: Advice): Refusal;
  /** Checks the signed messages that a failure rests on. */
  check(session: Session, failure: Failure): void;
  /** The same, by itself: once for each accuser, unless this page's own node is it. */
  accused(failure: Failure): void;
  /** False if the browser would not. */
  copy(text: string): Promise<boolean>;
  select(key: string): void;
  unfold(session: SessionKey, open: boolean): void;
  arm(show: Pick<Show, "peer" | "will" | "see" | "expect">, cheat: string): void;
}

export function createActions({ node, demo, verifyEvidence }: Console, store: AppStore): Act {
  const { dispatch } = store;
  const handles = new Map<CommandId, SessionHandle<unknown>>();
  let shows = 0;

  function follow<T>(handle: SessionHandle<T>, came: (result: T) => Promise<void>): void {
    handles.set(handle.id, handle);
    handle.result.then(came).catch((error: unknown) => {
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
        const { wallet, curve, threshold, members } = request;
        const asked = { threshold, ...(members && { members }), ...(after && { after }) };
        dispatch({ type: "asked", id: handle.id, kind: "generate", wallet, curve, asked });
        follow(handle, async () => {
          dispatch({ type: "came", id: handle.id, outcome: { signature: null, verified: null } });
          dispatch({ type: "keys", keys: await node.keys() });
        });
      }),
    sign: (request, after) =>
      refusal(() => {
        const armed = waiting(store.state.shows);
        const handle = node.sign(request);
        const { wallet, curve, path, signers, ...input } = request;
        const asked = { input, ...(path && { path }), ...(signers && { signers }), ...(after && { after }) };
        dispatch({ type: "asked", id: handle.id, kind: "sign", wallet, curve, asked });
        if (armed?.peer === null) void demo?.stranger(strangerFrames).catch(() => refuse(armed.id));
        follow(handle, async (signature) => {
          const outcome = { signature, verified: null };
          dispatch({ type: "came", id: handle.id, outcome });
          const key = keyOf(request, store.state);
          if (!key) return;
          const verified = await verifyHere(key, { input, path: path ?? [], signature });
          dispatch({ type: "came", id: handle.id, outcome: { ...outcome, verified } });
        });
      }),
    cancel: (id) => handles.get(id)?.cancel(),
    follow(session, advice) {
      const { wallet, curve, asked, key } = session;
      if (wallet === null || curve === null || !asked) return null;
      if (advice.do === "generate") {
        const { threshold = 2, members } = asked;
        return act.generate({ wallet, curve, threshold, ...(members && { members }) }, {
          session: key,
          without: [],
        });
      }
      if (advice.do !== "sign" || !asked.input) return null;
      const signers = advice.signers && { signers: advice.signers };
      const after = { session: key, without: advice.without };
      const path = asked.path && { path: asked.path };
      return act.sign({ wallet, curve, ...asked.input, ...path, ...signers }, after);
    },
    check(session, failure) {
      const about = { type: "proof", session: session.key, by: failure.peer } as const;
      dispatch({ ...about, proof: "looking" });
      verifyEvidence(failure, session.asked?.input?.message ?? null)
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
    arm(show, cheat) {
      const id = ++shows;
      dispatch({ type: "show-arming", show: { id, ...show } });
      const done = show.peer === null ? Promise.resolve() : misbehave(show.peer, cheat);
      done.then(() => dispatch({ type: "show-armed", id })).catch(() => refuse(id));
    },
  };
  return act;

  function refuse(id: number): void {
    dispatch({ type: "show-refused", id, problem: "That peer did not take the order." });
  }
  async function misbehave(peer: PeerId, cheat: string): Promise<void> {
    if (!demo) throw new Error("Cannot arm a peer: this is not a demo");
    await demo.misbehave(peer, { cheat });
  }
}

/** Runs what may refuse its input, and says what it refused. */
function refusal(run: () => void): Refusal {
  try {
    run();
    return null;
  } catch (error) {
    if (error instanceof InputError) return { field: error.field, message: plainInput(error) };
    throw error;
  }
}
