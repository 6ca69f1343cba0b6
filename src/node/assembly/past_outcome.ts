/**
 * The outcome of a command of this node, as its program learns it by the command's id.
 * @module
 */
import type { Earlier } from "../../cluster/commands/initiator/earlier_outcome.ts";
import { asKey, asSignatures, keyIdOf } from "../../cluster/commands/results.ts";
import type { GroupKey } from "../../cluster/keys/group_key.ts";
import type { Keys } from "../../cluster/keys/keys.ts";
import type { Order } from "../../cluster/records/command.ts";
import { SessionError } from "../../errors.ts";
import { keySafety, type PeerId } from "../../failure.ts";
import type { Signature } from "../../schemes/schemes.ts";

/** The state of a command that this peer has asked for: its result, or why there is none yet. */
export type PastOutcome =
  /** It has signed: one signature for each item, in order. */
  | { readonly state: "signed"; readonly signatures: readonly Signature[] }
  /** It has made a key, or dealt it anew. */
  | { readonly state: "made"; readonly key: GroupKey }
  /** It is under way. */
  | { readonly state: "running" }
  /**
   * No peer that is connected knows of it: nothing was carried out, or those that did are away. Asking with this id is
   * safe: where so many are away that they could have carried it out, that ends with `outcome-unknown`, and nothing is done.
   */
  | { readonly state: "unknown" };

/**
 * Reads what the cluster knows of a command.
 *
 * @param self This peer, in whose view its failure is told.
 * @throws {SessionError} Its failure.
 */
export function pastOutcome(
  keys: Pick<Keys, "withId">,
  earlier: Earlier | { readonly state: "running" },
  self: PeerId,
): PastOutcome {
  switch (earlier.state) {
    case "failed":
      if (earlier.order) earlier.error.failure ??= failureOf(earlier.error, earlier.order, self);
      throw earlier.error;
    case "running":
    case "unknown":
      return { state: earlier.state };
    case "done": {
      const { outcome, order } = earlier;
      if (outcome.kind !== "sign") {
        return { state: "made", key: keys.withId(keyIdOf(outcome)) ?? asKey(outcome) };
      }
      const key = keys.withId(order.command.value.keyId.toHex());
      if (!key) throw new SessionError("unknown-wallet");
      return { state: "signed", signatures: asSignatures(key, order.items)(outcome) };
    }
  }
}

/** The failure of a command as {@linkcode explain} takes it. The round is forgotten, and that it may have signed is not. */
function failureOf(
  { code, culprits, missing, claims, items: spoilt }: SessionError,
  { command: { value: { kind, wallet } }, items }: Order,
  self: PeerId,
): NonNullable<SessionError["failure"]> {
  const batch = items.length > 1 && { items: items.length, spoilt };
  return {
    ...{ type: "failed", code, kind, wallet, peer: self, culprits, missing, claims },
    ...{ key: keySafety(code, kind), phase: "exchanging", round: null, ...batch },
  };
}
