/**
 * The consequences of failed checks for the sessions under way: bans, quarantined pairs, frozen keys.
 * @module
 */
import { SessionError, unlessStore } from "../../../errors.ts";
import type { FailureCode, PeerId } from "../../../failure.ts";
import type { KeyRow } from "../../../keystore/key_rows.ts";
import { erasePairs } from "../../../keystore/pair_rows.ts";
import { schemes } from "../../../schemes/schemes.ts";
import type { SessionsOptions } from "./opening.ts";
import type { RunningSession, RunningSessions } from "./running_sessions.ts";

/** The codes of a signature that failed in its last step. */
const lastStep: readonly FailureCode[] = ["result-rejected", "invalid-signature-share"];

export class FailedChecks {
  readonly #options: Pick<SessionsOptions, "context" | "bans" | "frozen">;
  readonly #sessions: RunningSessions;

  constructor(options: Pick<SessionsOptions, "context" | "bans" | "frozen">, sessions: RunningSessions) {
    this.#options = options;
    this.#sessions = sessions;
  }

  /**
   * Bans peers after a failed check that could reveal this node's secrets. From this moment on no
   * session with these peers under this key sends a further message; what they have sent before runs out, as it would
   * have if the check had passed. The ban is written; then those sessions end, the pair is erased, and only then may
   * the session `found`, whose check failed, report it.
   *
   * @throws {StoreError} If the ban could not be written; everything else has happened all the same.
   */
  async ban(found: RunningSession, session: Uint8Array, caught: readonly PeerId[]): Promise<void> {
    const { context: { eventLog, identity, rows }, bans } = this.#options;
    const key = found.key!;
    found.silence();
    // If another session has already caught a peer, that session writes the ban and ends this one. We must
    // not reveal that a second check failed as well.
    const peers = caught.filter((peer) => !bans.has(key.session.toHex(), peer));
    if (peers.length === 0) return void await found.untilBanIsDurable;
    const others = this.#sessions.signingWith(key).filter((other) =>
      other !== found && other.party.some((peer) => peers.includes(peer))
    );
    const writing = Promise.allSettled(peers.map((peer) => bans.add(key, peer, session))).then((written) => {
      for (const other of others) other.end(new SessionError("peer-banned"));
      return written;
    });
    // Silence includes whether their checks pass: a peer that cheats in several at once must learn of one
    // only.
    for (const other of others) {
      other.silence();
      other.untilBanIsDurable = writing;
    }
    const written = await writing;
    const erased = await Promise.allSettled(peers.map((peer) => erasePairs(rows, key.session, peer)));
    const { wallet, scheme } = key.key!;
    for (const peer of peers) eventLog.emit({ type: "ban", wallet, scheme, pair: [identity.peer, peer] });
    const failed = [...written, ...erased].find((result) => result.status === "rejected");
    if (failed) throw failed.reason;
  }

  /**
   * Counts a signature that failed in its last step: against the pair with each named culprit, or else
   * against the key. Sessions under way that use a pair which this quarantines, or a key which it freezes,
   * end too.
   */
  async count(key: KeyRow, party: readonly PeerId[], { code, culprits }: SessionError): Promise<void> {
    const { frozen, context: { eventLog, identity, clock } } = this.#options;
    if (!schemes[key.key!.scheme].pairwise || !lastStep.includes(code)) return;
    const id = key.session.toHex();
    const others = party.filter((peer) => peer !== identity.peer);
    for (const named of culprits.length > 0 ? culprits : [null]) {
      const freezes = await frozen.failed(id, clock.now(), { named, others }).catch((error) => {
        unlessStore(error);
        return frozen.has(id, named ?? undefined); // it counts in memory
      });
      if (!freezes) continue;
      if (named === null) eventLog.emitKey(key.key!, id, "frozen");
      else eventLog.emitQuarantine(key.key!, id, named, "quarantined");
      for (const other of this.#sessions.signingWith(key)) {
        if (named === null) other.end(new SessionError("key-frozen"));
        else if (other.party.includes(named)) other.end(new SessionError("pair-quarantined"));
      }
    }
  }
}
