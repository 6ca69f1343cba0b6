/**
 * The gate in front of a vault: no share is used, and no nonce is drawn, without this node's own consent to
 * exactly this task; and no signature leaves that does not verify. It stands at the vault's port, so that no
 * path to a share can bypass it.
 * @module
 */
import { SessionError } from "../errors.ts";
import type {
  Consent,
  ConsentUse,
  GuardedVault,
  Outcome,
  PreparedTask,
  RunIo,
  Task,
  Vault,
  Wire,
} from "../ports.ts";
import { signingKey } from "../schemes/schemes.ts";

/** Puts the gate in front of `vault`. */
export function consentGate(vault: Vault): GuardedVault {
  return {
    get locked() {
      return vault.locked ?? false;
    },
    rounds: (task) => vault.rounds(task),
    verify: (key, message, signature) => vault.verify(key, message, signature),
    close: () => vault.close(),
    prepare: (task, consent) => new ConsentedTask(vault, task, consent),
  };
}

class ConsentedTask implements PreparedTask {
  readonly #vault: Vault;
  readonly #task: Task;
  readonly #consent: Consent;

  constructor(vault: Vault, task: Task, consent: Consent) {
    this.#vault = vault;
    this.#task = task;
    this.#consent = consent;
  }

  async run(io: RunIo): Promise<Outcome> {
    const [vault, task] = [this.#vault, this.#task];
    using use = this.#consent.take(task);
    if (use === null) {
      throw new SessionError("internal", { cause: new Error("Cannot run: no consent covers this task") });
    }
    const [first] = vault.rounds(task);
    const wire = spending(io.wire, first, use);
    return this.#verified(await vault.run(task, { ...portsOf(io), wire }));
  }

  /** Verifies a signature of any vault. @throws {SessionError} `result-rejected`. */
  #verified(outcome: Outcome): Outcome {
    const task = this.#task;
    if (task.kind === "sign" && outcome.kind === "sign") {
      const key = signingKey(task.key, task);
      if (!this.#vault.verify(key, task.message, outcome.signature)) {
        throw new SessionError("result-rejected");
      }
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

/**
 * The wire of a run, which spends the consent with the first message that a share went into: any after the
 * first round.
 */
function spending(wire: Wire, first: string | undefined, use: ConsentUse): Wire {
  const early = (round: string) => round === first || round === `${first}/all`;
  return {
    self: wire.self,
    party: wire.party,
    verify: (statement) => wire.verify(statement),
    send(to, round, body, audience) {
      if (!early(round)) use.spend();
      wire.send(to, round, body, audience);
    },
  };
}
