/**
 * The names that are reserved for key generations under way: no two keys get one name, or two names that look
 * alike.
 * @module
 */
import { SessionError } from "../../errors.ts";
import { maxUnfinished } from "../../limits.ts";
import type { KeyRow } from "../../keystore/key_rows.ts";
import { alikeTo } from "../../text/alike.ts";
import type { Command } from "../records/command.ts";
import type { KeyName } from "../records/key_name.ts";
import type { GroupKey } from "./group_key.ts";

/** The keys that take names. */
export interface NamedKeys {
  /** This node's row of the key with a name, if it holds a share. */
  own(name: KeyName): KeyRow | undefined;
  /** The known keys with a name. */
  named(name: KeyName): readonly GroupKey[];
  /** The wallets with a known key whose names look like this one; this wallet itself may be among them. */
  walletsAlike(wallet: string): readonly string[];
  /** This node's rows of keys that are not active. */
  unfinished(): readonly KeyRow[];
  /** The rows that could not be read when the node started, and why. */
  damaged(): ReadonlyMap<string, unknown>;
}

/** A name that is reserved. */
interface Reservation {
  /** The key of the command that has it; see `commandKey`. */
  readonly command: string;
  /** The number of reservations by the command that it has not released. */
  times: number;
  /** Ends the command, while that is still possible. */
  giveWay?: () => void;
}

const placeOf = ({ wallet, scheme }: KeyName) => `${scheme} ${wallet}`;
const walletAt = (place: string) => place.slice(place.indexOf(" ") + 1);

export class NameReservations {
  readonly #keys: NamedKeys;
  readonly #reserved = new Map<string, Reservation>();

  constructor(keys: NamedKeys) {
    this.#keys = keys;
  }

  /**
   * The name of another wallet, with a known key or with a reserved name, that a person would take for this
   * one.
   */
  lookAlike({ wallet }: KeyName): string | undefined {
    const reserved = [...this.#reserved.keys()].map(walletAt).filter(alikeTo(wallet));
    return [...this.#keys.walletsAlike(wallet), ...reserved].find((other) => other !== wallet);
  }

  /**
   * Reserves a name for the key generation of one command. The same command may reserve it several times.
   *
   * @param command See `commandKey`.
   * @returns Releases the name.
   * @throws {SessionError} `wallet-exists`, `wallet-busy`, `store-failed`, `too-many-unfinished`.
   */
  reserve(name: KeyName, command: string): Disposable {
    return this.#reserve(name, command, () => this.checkFree(name, command));
  }

  /**
   * Reserves the name of a key that is to be dealt anew by one command: one session for a key at a time.
   *
   * @param command See `commandKey`.
   * @returns Releases the name.
   * @throws {SessionError} `wallet-busy`, `too-many-unfinished`.
   */
  hold(name: KeyName, command: string): Disposable {
    return this.#reserve(name, command, () => this.checkHeld(name, command));
  }

  /** Two coordinators may get commands for one name at the same moment: the same one gives way at every member. */
  #reserve(name: KeyName, command: string, check: () => void): Disposable {
    const place = placeOf(name);
    const before = this.#reserved.get(place);
    check();
    if (before && command < before.command) before.giveWay?.();
    if (before && before.command !== command) throw new SessionError("wallet-busy");
    return this.#take(place, command);
  }

  /**
   * Checks whether a command could hold a name, now or after another command has given way. Changes nothing.
   *
   * @throws {SessionError} `wallet-busy`, `too-many-unfinished`.
   */
  checkHeld(name: KeyName, command: string): void {
    const other = this.#reserved.get(placeOf(name));
    const givesWay = other?.giveWay !== undefined && command < other.command;
    if (other && other.command !== command && !givesWay) throw new SessionError("wallet-busy");
    if (!other) this.#checkRoom();
  }

  /** @throws {SessionError} `too-many-unfinished` */
  #checkRoom(): void {
    if (this.#keys.unfinished().length + this.#reserved.size >= maxUnfinished) {
      throw new SessionError("too-many-unfinished");
    }
  }

  #take(place: string, command: string): Disposable {
    const reservation: Reservation = this.#reserved.get(place) ?? { command, times: 0 };
    this.#reserved.set(place, reservation);
    reservation.times++;
    return {
      [Symbol.dispose]: () => {
        if (--reservation.times === 0) this.#reserved.delete(place);
      },
    };
  }

  /**
   * Checks whether a command could reserve a name, now or after another command has given way. Changes
   * nothing.
   *
   * @throws {SessionError} `wallet-exists`, `wallet-busy`, `store-failed`, `too-many-unfinished`.
   */
  checkFree(name: KeyName, command: string): void {
    const own = this.#keys.own(name);
    const usable = this.#keys.named(name).some(({ state }) => state !== "pending");
    if (usable) throw new SessionError("wallet-exists");
    if (this.lookAlike(name) !== undefined) throw new SessionError("wallet-exists");
    const other = this.#reserved.get(placeOf(name));
    const givesWay = other?.giveWay !== undefined && command < other.command;
    if (own || (other && other.command !== command && !givesWay)) throw new SessionError("wallet-busy");
    if (!other) this.#checkRoom();
    // A row that cannot be read may be of this very name: a read error never counts as "absent".
    const damaged = this.#keys.damaged();
    if (damaged.size > 0) throw new SessionError("store-failed", { cause: [...damaged.values()][0] });
  }

  /**
   * Lets a command that has reserved its name be ended in favour of a command with a lower key.
   *
   * @returns Ends this.
   */
  givesWay({ kind, ...name }: Command, command: string, giveWay: () => void): Disposable {
    const own = kind === "sign" ? undefined : this.#reserved.get(placeOf(name));
    if (own?.command === command) own.giveWay = giveWay;
    return {
      [Symbol.dispose]: () => {
        if (own?.giveWay === giveWay) delete own.giveWay;
      },
    };
  }
}
