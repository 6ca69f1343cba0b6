/**
 * The consent to one command: it covers exactly what the command says, for one run at a time, until a share
 * has left.
 * @module
 */
import { equal, hash } from "../../../crypto/codec.ts";
import type { Consent, ConsentUse, SigningItem, Task } from "../../../ports.ts";
import { signingItem } from "../../../schemes/schemes.ts";
import type { Command, Order } from "../../records/command.ts";

/** One consent. It lives in memory only, so that a restart ends it. */
export class CommandConsent implements Consent {
  readonly #covered: Covered;
  #state: "free" | "taken" | "spent" = "free";
  #withdrawn = false;

  constructor(order: Order) {
    this.#covered = coveredBy(order);
  }

  /** Ends the consent: no run takes it any more; a run that has it goes on. */
  withdraw(): void {
    this.#withdrawn = true;
  }

  covers(task: Task): boolean {
    return !this.#withdrawn && this.#state !== "spent" && covers(this.#covered, task);
  }

  take(task: Task): ConsentUse | null {
    if (this.#state !== "free" || !this.covers(task)) return null;
    this.#state = "taken";
    return {
      spend: () => {
        this.#state = "spent";
      },
      [Symbol.dispose]: () => {
        if (this.#state === "taken") this.#state = "free";
      },
    };
  }
}

/** The content of a command that a consent covers, without the messages themselves. */
interface Covered
  extends
    Pick<Command, "kind" | "wallet" | "scheme" | "keyId" | "threshold" | "members" | "dealers" | "gone"> {
  /** The hash of each item as it is signed, in order. */
  readonly items: readonly Uint8Array[];
}

function coveredBy({ command: { value }, items }: Order): Covered {
  const { kind, wallet, scheme, keyId, threshold, members, dealers, gone } = value;
  const signed = items.map((item) => hashOf(signingItem(scheme, item)));
  return { kind, wallet, scheme, keyId, threshold, members, dealers, gone, items: signed };
}

const hashOf = ({ path, options, payload }: SigningItem): Uint8Array =>
  hash("quorate/1/consent-item", options, payload, path.length, ...path);

/**
 * Compares a task with what a command says: its key and every item in order; or its members and threshold; or all
 * three, with who deals and who is gone.
 */
function covers(covered: Covered, task: Task): boolean {
  const { kind, wallet, scheme } = covered;
  if (task.kind !== kind || task.wallet !== wallet || task.scheme !== scheme) return false;
  if (task.kind === "generate") {
    return task.threshold === covered.threshold && task.party.join() === covered.members.join();
  }
  if (!equal(task.keyId, covered.keyId)) return false;
  if (task.kind === "reshare") {
    return task.threshold === covered.threshold && task.recipients.join() === covered.members.join() &&
      task.dealers.join() === covered.dealers.join() && task.gone.join() === covered.gone.join();
  }
  return task.items.length === covered.items.length &&
    task.items.every((item, i) => equal(hashOf(item), covered.items[i]!));
}
