/**
 * The exchange of bans and quarantines with other peers.
 * @module
 */
import type { PeerId } from "../../../failure.ts";
import { maxReportedQuarantines } from "../../../limits.ts";
import { readSigned } from "../../../session/signed.ts";
import type { Context } from "../../events/event_context.ts";
import { banRecord } from "../../records/ban_record.ts";
import type { Questions } from "../../roster/questions.ts";
import { read } from "../../roster/sync_question.ts";
import type { Bans } from "../bans.ts";
import type { Quarantine } from "../frozen.ts";
import { decodeQuarantine, encodeQuarantine } from "../reported_quarantines.ts";

export interface BanSyncOptions {
  context: Context;
  questions: Questions;
  bans: Bans;
  quarantines: {
    /** The quarantines of this node. */
    own(): readonly Quarantine[];
    /** Takes all quarantines of another peer. */
    take(by: PeerId, all: readonly Quarantine[]): void;
  };
  /** Called when a peer has shown all its bans. */
  compared(peer: PeerId): Promise<void>;
}

export class BanSync {
  readonly #options: BanSyncOptions;

  constructor(options: BanSyncOptions) {
    this.#options = options;
  }

  /** Asks for the bans of a peer, which are shown, and for this node's own bans, should it have lost them. */
  bans(peer: PeerId): Promise<void> {
    const { context: { identity, eventLog, member }, bans, questions, compared } = this.#options;
    return questions.inTurn("bans", peer, async () => {
      let whole = false;
      for await (const encoded of questions.ask(peer, "bans", new Uint8Array(), () => whole = true)) {
        const ban = await readSigned(identity, banRecord, encoded);
        if (ban === null || ![peer, identity.peer].includes(ban.by) || !member(ban.by)) return;
        const lost = await bans.take(ban);
        if (lost === null) continue;
        eventLog.emit({ type: "ban", wallet: lost.wallet, scheme: lost.scheme, pair: [lost.by, lost.other] });
      }
      if (whole) await compared(peer);
    });
  }

  /** Answers a peer: this node's own bans, and the bans of that peer. */
  answerBans(peer: PeerId): Promise<Uint8Array[]> {
    return this.#options.bans.signedFor(this.#options.context.identity, peer);
  }

  /** Asks for the quarantines of a peer, which are shown. */
  quarantines(peer: PeerId): Promise<void> {
    const { context, questions, quarantines } = this.#options;
    return questions.inTurn("quarantines", peer, async () => {
      const all: Quarantine[] = [];
      let whole = false;
      for await (const encoded of questions.ask(peer, "quarantines", new Uint8Array(), () => whole = true)) {
        const quarantine = read(() => decodeQuarantine(encoded, peer));
        if (quarantine === null) return;
        all.push(quarantine);
      }
      if (whole && context.member(peer)) quarantines.take(peer, all);
    });
  }

  /** Answers a peer: this node's own quarantines. */
  answerQuarantines(): Uint8Array[] {
    return this.#options.quarantines.own().slice(0, maxReportedQuarantines).map(encodeQuarantine);
  }
}
