/**
 * The acceptance of an invite: the same checks and the same consent for an invited member and for the
 * coordinator, which invites itself.
 * @module
 */
import { equal } from "../../crypto/codec.ts";
import { SessionError } from "../../errors.ts";
import type { FailureCode, PeerId } from "../../failure.ts";
import { maxAcceptsPerInviter, maxEarlyBytes, maxMultiplicationsUnderWay } from "../../limits.ts";
import type { Consent, DrawnTask } from "../../ports.ts";
import { type Accept, acceptRecord, type inviteRecord } from "../../session/invite.ts";
import { sign, type Signed } from "../../session/signed.ts";
import { type Command, commandKey, contentOf, type Order } from "../records/command.ts";
import { checkCommand } from "./check_command.ts";
import { CoordinatorTurns } from "./invited/coordinator_turns.ts";
import { earlyBytes } from "./invited/early_bytes.ts";
import { Apart, checkKind, type KindChecks } from "./invited/kind_checks.ts";
import type { ReplayGuard } from "./replay_guard.ts";
import type { Consents } from "./consent.ts";
import type { Context } from "../events/event_context.ts";
import { has } from "../roster/roster_context.ts";
import type { Bans } from "../keys/bans.ts";
import type { Frozen } from "../keys/frozen.ts";
import { refusalsOf, type RefusalSources } from "../keys/refusals.ts";
import type { LinkKeys } from "../links/link_keys.ts";
import type { KeyRow } from "../../keystore/key_rows.ts";
import { rosterHash } from "../roster/roster.ts";
import type { Sessions } from "./session_runner.ts";
import type { Sync } from "../keys/sync/sync.ts";
import { multiplicationsOf, taskOf } from "./session/task.ts";

export type Invite = ReturnType<typeof inviteRecord.decode>;

/** One attempt of a command, as a coordinator proposes it. */
export interface Invited extends Order {
  readonly invite: Signed<Invite>;
  readonly attempt: Uint8Array;
}

export interface InvitationOptions extends KindChecks, RefusalSources {
  bans: Bans;
  frozen: Frozen;
  context: Context;
  links: LinkKeys;
  replayGuard: ReplayGuard;
  sessions: Sessions;
  sync: Sync;
  consents: Consents;
  /** 8 bytes: this start of the node. */
  boot: Uint8Array;
  /** Whether this node takes no new sessions. */
  draining(): boolean;
}

/** This node's accept of an invite, and the secrets that its first round was drawn with. */
export interface Accepted {
  readonly accept: Signed<Accept>;
  readonly drawn: DrawnTask;
}

/** The agreement of this node to an invite. */
export class Agreement implements Disposable {
  readonly #places: readonly Disposable[];
  #accepted: Accepted | null;

  /**
   * @param places The name of a new key, and the place among the open accepts: freed with the agreement.
   * @param accepted Null if a person was asked: that takes so much time that the accepts of others have
   * lapsed.
   */
  constructor(places: readonly Disposable[], accepted: Accepted | null) {
    this.#places = places;
    this.#accepted = accepted;
  }

  get accept(): Signed<Accept> | null {
    return this.#accepted?.accept ?? null;
  }

  /** Takes the drawn secrets: they are the caller's to use, or to dispose of. */
  take(): DrawnTask {
    const { drawn } = this.#accepted!;
    this.#accepted = null;
    return drawn;
  }

  /** Frees what the agreement occupied, and wipes what nobody has taken. */
  [Symbol.dispose](): void {
    for (const place of this.#places) place[Symbol.dispose]();
    this.#accepted?.drawn[Symbol.dispose]();
    this.#accepted = null;
  }
}

export class Invitation {
  readonly #options: InvitationOptions;
  /** The number of accepts that are not opened yet, by inviter. */
  readonly #unopened = new Map<PeerId, number>();
  /** The bytes that may come on streams before those accepts are opened. */
  #earlyBytes = 0;
  /** The multiplications that their sessions will make. */
  #multiplications = 0;
  /** The turns of each command's coordinators. */
  readonly turns: CoordinatorTurns;

  constructor(options: InvitationOptions) {
    this.#options = options;
    this.turns = new CoordinatorTurns(options.context, options.replayGuard);
  }

  /**
   * Checks an invite, asks for this node's consent, and draws its first round.
   *
   * @param asking Called when a person is asked.
   * @param waiting Aborted when the coordinator no longer waits.
   * @throws {SessionError} The reason to decline.
   */
  async agree(
    invited: Invited,
    { asking, waiting }: { asking: () => void | Promise<void>; waiting: AbortSignal },
  ): Promise<Agreement> {
    const { context, sync, sessions, consents } = this.#options;
    const { invite, command, items } = invited;
    if (invite.value.rosterVersion > context.roster().version) await sync.roster(invite.by);
    this.stands(invited);
    if (this.#isNewer(invite.value)) await sync.keys(invite.by);
    if (command.value.kind === "reshare") await sync.settle();
    this.check(invited);
    let asked = false;
    const row = this.#rowOf(command.value);
    const consent = await consents.given({
      command,
      items,
      party: invite.value.party,
      key: row?.key ?? null,
      ...refusalsOf(row, this.#options),
    }, {
      asking: () => {
        asked = true;
        return asking();
      },
      waiting,
    });
    this.check(invited); // a person takes time
    // From here on another invite for this name is declined: its session would end as soon as it began.
    // The accept counts as open at once: the next check comes while this one draws.
    const places = [sessions.reserve(command.value, command.by), this.#open(invited)];
    places.push(this.turns.take({ command, items }, invite.by));
    try {
      return new Agreement(places, asked ? null : await this.#accept(invited, consent));
    } catch (error) {
      for (const place of places) place[Symbol.dispose]();
      throw error;
    }
  }

  /** The row of the key that a command is about, if there is one: of a key that is dealt anew also without a share. */
  #rowOf(command: Command): KeyRow | undefined {
    const { keys } = this.#options;
    if (command.kind === "generate") return undefined;
    return command.kind === "sign" ? keys.own(command) : keys.certified(command.keyId.toHex());
  }

  /** Whether an invite is about an epoch that is not known here, as when this node was away during a resharing. */
  #isNewer({ keyId }: Invite): boolean {
    const { keys } = this.#options;
    return keyId.length > 0 && !keys.certain(keyId.toHex()) && !keys.rows.row(keyId);
  }

  /** @throws {SessionError} The reason why this node cannot draw. */
  async #accept(invited: Invited, consent: Consent): Promise<Accepted> {
    const { context: { identity, limits, random, vault }, boot } = this.#options;
    const { attempt, command: { value } } = invited;
    const row = this.#rowOf(value);
    const drawn = await vault.draw(taskOf({ invited, self: identity.peer, limits, row }), consent);
    try {
      const { firstRound } = drawn;
      const accept = await sign(identity, acceptRecord, { attempt, boot, nonce: random(32), firstRound });
      return { accept, drawn };
    } catch (error) {
      drawn[Symbol.dispose]();
      throw error;
    }
  }

  /** Counts an accept that is not opened yet, until the result is disposed of. */
  #open({ invite: { by, value: { party } }, command: { value } }: Invited): Disposable {
    const early = earlyBytes(this.#options.context.network, party); // a carrier may change before the place is free again
    const count = (accepts: number) => {
      this.#unopened.set(by, (this.#unopened.get(by) ?? 0) + accepts);
      this.#earlyBytes += accepts * early;
      this.#multiplications += accepts * multiplicationsOf(value, party);
      if (this.#unopened.get(by) === 0) this.#unopened.delete(by);
    };
    count(1);
    return { [Symbol.dispose]: () => count(-1) };
  }

  /**
   * Checks the conditions that must hold from the invite to the go, while others may change the roster: its
   * version, the initiator's rights, and that this node takes sessions.
   *
   * @throws {SessionError} `shutdown`, `roster-mismatch`, or as of {@linkcode checkCommand}.
   */
  stands(invited: Invited): void {
    const { context } = this.#options;
    const roster = context.roster();
    const { rosterVersion, rosterHash: hash } = invited.invite.value;
    if (this.#options.draining()) throw new SessionError("shutdown");
    if (rosterVersion !== roster.version || !equal(hash, rosterHash(roster))) {
      throw new SessionError("roster-mismatch");
    }
    checkCommand(invited, roster, context.clock.now());
  }

  /**
   * This node's own checks of an invite.
   *
   * @throws {SessionError} The reason to decline.
   */
  check(invited: Invited): void {
    const { context, links, replayGuard, sessions } = this.#options;
    const { invite, command } = invited;
    const self = context.identity.peer;
    const { party } = invite.value;
    const { value } = command;
    this.stands(invited);
    this.turns.check(command, invite.by);
    replayGuard.check(commandKey(command.by, value.id), value.expires, contentOf(value).toHex());
    if (!isParty(party, self, context)) throw new SessionError("session-mismatch");
    if (context.vault.locked) throw new SessionError("store-locked");
    checkKind(this.#options, command, invite.value);
    const unlinked = party.filter((peer) => peer !== self && !links.has(peer));
    if (unlinked.length > 0) throw new SessionError("link-lost", { missing: unlinked });
    const waiting = this.#unopened.get(invite.by) ?? 0;
    const crowded = this.#earlyBytes + earlyBytes(context.network, party) > maxEarlyBytes;
    const underWay = sessions.multiplications + this.#multiplications;
    const multiplications = underWay + multiplicationsOf(value, party);
    const full = sessions.count >= context.limits.sessions || multiplications > maxMultiplicationsUnderWay;
    if (full || waiting >= maxAcceptsPerInviter || crowded) throw new SessionError("overloaded");
  }
}

/** Whether a party is sorted, without duplicates, with this node in it, and all of it holders. */
function isParty(party: readonly PeerId[], self: PeerId, context: Context): boolean {
  return party.includes(self) && party.every((peer, i) => i === 0 || party[i - 1]! < peer) &&
    party.every((peer) => has(context, peer, "holder"));
}

/**
 * The content of a decline: the code of an error, and the peers that it names. Everything else stays here.
 */
export function declining(error: unknown): { code: FailureCode; peers: PeerId[] } {
  if (error instanceof Apart) return { code: error.code, peers: [...error.peers] };
  if (error instanceof SessionError) return { code: error.code, peers: [...error.missing] };
  return { code: "internal", peers: [] };
}
