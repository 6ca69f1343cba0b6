/**
 * The consent to one command: it covers exactly what the command says, for one run at a time, until a share
 * has left.
 * @module
 */
import { equal } from "../../../crypto/codec.ts";
import type { Consent, ConsentUse, Task } from "../../../ports.ts";
import { payloadOf } from "../../../schemes/schemes.ts";
import type { Command, Order } from "../../records/command.ts";
import { messageHashOf } from "../../records/order.ts";

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

/** The content of a command that a consent covers, without the message itself. */
interface Covered
  extends
    Pick<Command, "kind" | "wallet" | "scheme" | "keyId" | "path" | "options" | "threshold" | "members"> {
  /** SHA-256 of what is signed; empty for a key generation. */
  readonly payloadHash: Uint8Array;
}

function coveredBy({ command: { value }, message }: Order): Covered {
  const { kind, wallet, scheme, keyId, path, options, threshold, members } = value;
  const payloadHash = kind === "sign" ? messageHashOf(payloadOf({ ...value, message })) : new Uint8Array();
  return { kind, wallet, scheme, keyId, path, options, threshold, members, payloadHash };
}

/** Whether a task is what a command says: its key, child, options and payload; or its members and threshold. */
function covers(covered: Covered, task: Task): boolean {
  const { kind, wallet, scheme } = covered;
  if (task.kind !== kind || task.wallet !== wallet || task.scheme !== scheme) return false;
  if (task.kind === "generate") {
    return task.threshold === covered.threshold && task.party.join() === covered.members.join();
  }
  return equal(task.keyId, covered.keyId) && task.path.join() === covered.path.join() &&
    equal(task.options, covered.options) &&
    equal(messageHashOf(task.message), covered.payloadHash);
}
