/**
 * The frames that a node sends on its control socket: a greeting, then progress, notes and events, then one
 * result or fault.
 * @module
 */
import * as v from "valibot";
import { InputError, type InputErrorCode, type SessionError, StoreError } from "../../errors.ts";
import { explain, type Explanation } from "../../explain.ts";
import type { PeerId } from "../../failure.ts";

/** The version of the requests and replies; another one is refused. */
export const controlVersion = 1;

const ids = v.array(v.string());
const explanation = v.strictObject({
  what: v.string(),
  who: v.string(),
  key: v.string(),
  next: v.string(),
  ids: v.strictObject({ what: ids, who: ids, key: ids, next: ids }),
});

const fault = v.variant("type", [
  v.strictObject({ type: v.literal("input"), field: v.string(), problem: v.string(), code: v.string() }),
  v.strictObject({
    type: v.literal("session"),
    code: v.string(),
    culprits: v.array(v.string()),
    missing: v.array(v.string()),
    claims: v.array(v.unknown()),
    explanation: v.nullable(explanation),
  }),
  v.strictObject({ type: v.literal("store"), message: v.string() }),
  v.strictObject({ type: v.literal("internal") }),
]);
/** The reason why a request had no result. */
export type ControlFault = v.InferOutput<typeof fault>;

/** The shape of each frame that a node sends. */
export const replyShape = v.union([
  v.strictObject({ quorate: v.strictObject({ control: v.number(), peer: v.string() }) }),
  v.strictObject({ progress: v.string() }),
  v.strictObject({ note: v.string() }),
  v.strictObject({ event: v.unknown() }),
  v.strictObject({ result: v.unknown() }),
  v.strictObject({ fault }),
]);
/** A frame that a node sends. */
export type ControlReply = v.InferOutput<typeof replyShape>;

/** A session that failed, as the command line shows it: its code, whom it names, and its sentences. */
export class ExplainedFailure extends Error {
  override readonly name = "ExplainedFailure";
  readonly fault: Extract<ControlFault, { type: "session" }>;

  constructor(fault: ExplainedFailure["fault"], options?: ErrorOptions) {
    super(fault.code, options);
    this.fault = fault;
  }

  /** The sentences, each on a line; without any, the code. */
  get sentences(): string {
    const { code, explanation } = this.fault;
    return explanation === null ? code : sentencesIn(explanation);
  }
}

/** The sentences of an explanation, each on a line. */
export const sentencesIn = (
  { what, who, key, next }: Pick<Explanation, "what" | "who" | "key" | "next">,
): string => [what, who, key, next].join("\n");

/** A failure of a session with its sentences. @param nameOf This node's name for a peer. */
export function explained(
  error: SessionError,
  self: PeerId,
  nameOf: (peer: PeerId) => string,
): ExplainedFailure {
  const { code, culprits, missing, claims, failure } = error;
  return new ExplainedFailure({
    type: "session",
    code,
    culprits: [...culprits],
    missing: [...missing],
    claims: [...claims],
    explanation: failure && explanationOf(explain(failure, nameOf, self)),
  }, { cause: error });
}

/** An explanation as it is sent. */
function explanationOf({ ids: { what, who, key, next }, ...sentences }: Explanation) {
  return { ...sentences, ids: { what: [...what], who: [...who], key: [...key], next: [...next] } };
}

/** An error of a request as it is sent; the details of an internal one stay at the node. */
export function faultOf(error: unknown): ControlFault {
  if (error instanceof ExplainedFailure) return error.fault;
  if (error instanceof InputError) {
    const { field, message, code } = error;
    return { type: "input", field, problem: message.slice(field.length + 2), code };
  }
  if (error instanceof StoreError) return { type: "store", message: error.message };
  return { type: "internal" };
}

/** The error of a fault that was received. */
export function errorOf(fault: ControlFault): Error {
  switch (fault.type) {
    case "input":
      return new InputError(fault.field, fault.problem, { code: fault.code as InputErrorCode }); // a node's own
    case "session":
      return new ExplainedFailure(fault);
    case "store":
      return new StoreError(fault.message);
    case "internal":
      return new Error("The node met an error that it did not expect; its log has it (control failed)");
  }
}
