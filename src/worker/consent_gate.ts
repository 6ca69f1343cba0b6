/**
 * The gate in front of a vault: no share is used, and no nonce is drawn, without this node's own consent to
 * exactly this task; and no signature leaves that does not verify. It stands at the vault's port, so that no
 * path to a share can bypass it.
 * @module
 */
import { SessionError } from "../errors.ts";
import type {
  Agreed,
  Consent,
  ConsentUse,
  DrawnTask,
  GuardedVault,
  Outcome,
  RunIo,
  Task,
  Vault,
  Wire,
} from "../ports.ts";
import { signingKeys } from "../schemes/schemes.ts";

/** Puts the gate in front of `vault`. */
export function consentGate(vault: Vault): GuardedVault {
  return {
    get locked() {
      return vault.locked ?? false;
    },
    rounds: (protocol) => vault.rounds(protocol),
    isFirstRound: (protocol, bytes) => vault.isFirstRound(protocol, bytes),
    verify: (key, payload, signature) => vault.verify(key, payload, signature),
    close: () => vault.close(),
    async draw(task, consent) {
      if (!consent.covers(task)) throw notCovered("draw");
      return new ConsentedTask(vault, { task, consent, drawn: await vault.draw(task) });
    },
  };
}

const notCovered = (act: string) =>
  new SessionError("internal", { cause: new Error(`Cannot ${act}: no consent covers this task`) });

interface Consented {
  readonly task: Task;
  readonly consent: Consent;
  readonly drawn: DrawnTask;
}

class ConsentedTask implements DrawnTask {
  readonly firstRound: Uint8Array;
  readonly #vault: Vault;
  readonly #consented: Consented;

  constructor(vault: Vault, consented: Consented) {
    this.#vault = vault;
    this.#consented = consented;
    this.firstRound = consented.drawn.firstRound;
  }

  async run(agreed: Agreed, io: RunIo): Promise<Outcome> {
    const { task, consent, drawn } = this.#consented;
    using use = consent.take(task);
    if (use === null) throw notCovered("run");
    return this.#verified(await drawn.run(agreed, { ...portsOf(io), wire: spending(io.wire, use) }));
  }

  [Symbol.dispose](): void {
    this.#consented.drawn[Symbol.dispose]();
  }

  /** Verifies the signatures of any vault, one for each item. @throws {SessionError} `result-rejected`. */
  #verified(outcome: Outcome): Outcome {
    const { task } = this.#consented;
    if (task.kind === "sign" && outcome.kind === "sign") {
      const { signatures } = outcome;
      const keys = signingKeys(task.key, task.items);
      const good = signatures.length === task.items.length &&
        task.items.every(({ payload }, i) => this.#vault.verify(keys[i]!, payload, signatures[i]!));
      if (!good) throw new SessionError("result-rejected");
    }
    return outcome;
  }
}

/** The ends of a run without its wire, as an object of its own. */
const portsOf = (io: RunIo): Omit<RunIo, "wire"> => ({
  listen: (listener) => io.listen(listener),
  progress: (progress) => io.progress(progress),
  ban: (peers) => io.ban(peers),
  signal: io.signal,
});

/** The wire of a run, which spends the consent with the first message of its protocol. */
function spending(wire: Wire, use: ConsentUse): Wire {
  return {
    self: wire.self,
    party: wire.party,
    verify: (statement) => wire.verify(statement),
    send(to, round, body, audience) {
      use.spend();
      wire.send(to, round, body, audience);
    },
  };
}
