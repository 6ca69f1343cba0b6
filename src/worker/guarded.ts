/**
 * The gate in front of a vault: no share is used, and no nonce is drawn, without this node's own consent to exactly this
 * task. It stands at the vault's port, so that no path to a share can forget it.
 * @module
 */
import { SessionError } from "../errors.ts";
import type { ConsentUse, GuardedVault, RunIo, Vault, Wire } from "../ports.ts";

/** Puts the gate in front of `vault`. */
export function guardedVault(vault: Vault): GuardedVault {
  return {
    get locked() {
      return vault.locked ?? false;
    },
    rounds: (task) => vault.rounds(task),
    verify: (key, message, signature) => vault.verify(key, message, signature),
    close: () => vault.close(),
    async run(task, io, consent) {
      using use = consent.take(task);
      if (use === null) {
        throw new SessionError("internal", { cause: new Error("Cannot run: no consent covers this task") });
      }
      const [first] = vault.rounds(task);
      return await vault.run(task, { ...portsOf(io), wire: spending(io.wire, first, use) });
    },
  };
}

/** The ends of a run, as an object of its own. */
const portsOf = (io: RunIo): Omit<RunIo, "wire"> => ({
  listen: (listener) => io.listen(listener),
  progress: (progress) => io.progress(progress),
  ban: (peers) => io.ban(peers),
  signal: io.signal,
});

/** The wire of a run, which spends the consent with the first message that a share went into: any after the first round. */
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
