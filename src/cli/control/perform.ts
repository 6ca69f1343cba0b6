/**
 * The table of requests: what a node does for each, whether it came over its control socket or from this process.
 * @module
 */
import type { KeyName } from "../../cluster/records/key_name.ts";
import { InputError } from "../../errors.ts";
import type { SessionId } from "../../events.ts";
import type { Decision } from "../approval/approvers.ts";
import type { ControlApprover, OpenQuestion } from "./control_approver.ts";
import type { Performing } from "./performing.ts";
import type { ControlRequest, Method, RequestOf } from "./requests.ts";
import { admit, type Admitted, joining, type ListedRequest, reject } from "./operations/admission.ts";
import { createKey, type Dealt, reshare } from "./operations/deal.ts";
import { heardKeys, type KnownKeys } from "./operations/known_keys.ts";
import { type Outcome, outcome } from "./operations/outcome.ts";
import { sign, type Signed } from "./operations/sign.ts";
import { type ListedPeer, type NodeStatus, peers, status } from "./operations/status.ts";
import { invite, type Invited, unfreeze } from "./operations/upkeep.ts";
import { watch } from "./operations/watch.ts";

/** The result of each request: JSON, and null only of what has none. */
export interface Results {
  status: NodeStatus;
  peers: ListedPeer[];
  keys: KnownKeys;
  "create-key": Dealt;
  reshare: Dealt;
  sign: Signed;
  outcome: Outcome;
  watch: null;
  invite: Invited;
  joining: ListedRequest[];
  admit: Admitted;
  reject: ListedRequest;
  unfreeze: Awaited<ReturnType<typeof unfreeze>>;
  "give-up": { givenUp: KeyName };
  erase: { erased: SessionId };
  "confirm-restored": { confirmed: true };
  questions: OpenQuestion[];
  answer: OpenQuestion;
}

const operations: { [M in Method]: (request: RequestOf<M>, about: Performing) => Promise<Results[M]> } = {
  status: (_request, about) => status(about),
  peers,
  keys: heardKeys,
  "create-key": createKey,
  reshare,
  sign,
  outcome,
  watch,
  invite: (request, { node }) => invite(request, node),
  joining: (_request, { node }) => Promise.resolve(joining(node)),
  admit,
  reject: (request, { node }) => Promise.resolve(reject(request, node)),
  unfreeze: (request, { node }) => unfreeze(request, node),
  "give-up": async ({ wallet, scheme }, { node }) => {
    await node.giveUp({ wallet, scheme });
    return { givenUp: { wallet, scheme } };
  },
  erase: async ({ session }, { node }) => {
    await node.eraseGivenUp(session);
    return { erased: session };
  },
  "confirm-restored": async (_request, { node }) => {
    await node.confirmRestored();
    return { confirmed: true };
  },
  questions: (_request, { approver }) => Promise.resolve(approver?.questions() ?? []),
  answer: ({ code, decision }, { approver }) => Promise.resolve(answer(approver, code, decision)),
};

/**
 * Performs a request.
 *
 * @throws {InputError} Nothing was begun and nothing was changed.
 * @throws {ExplainedFailure} The session of the request failed.
 * @throws {StoreError}
 */
export function perform<M extends Method>(request: RequestOf<M>, about: Performing): Promise<Results[M]> {
  const operation = operations[request.method as M] as (
    request: ControlRequest,
    about: Performing,
  ) => Promise<Results[M]>;
  return operation(request as ControlRequest, about);
}

/** @throws {InputError} `code`, if no question with it waits. */
function answer(approver: ControlApprover | null, code: string, decision: Decision): OpenQuestion {
  if (approver === null) throw new InputError("code", "expected a node that asks, found one that does not");
  return approver.answer(code, decision);
}
