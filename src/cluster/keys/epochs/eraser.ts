/**
 * The erasing of shares of retired epochs. Whoever stays erases once its share of the next epoch is active here; whoever
 * leaves, once as many members of the next epoch as can sign say that they hold it: one of them is honest and hands
 * the certificate on. An epoch that was forked is kept.
 * @module
 */
import { unlessStore } from "../../../errors.ts";
import type { KeyRow } from "../../../keystore/key_rows.ts";
import type { PeerId } from "../../../failure.ts";
import type { Keys } from "../keys.ts";

export interface EraserOptions {
  readonly keys: Keys;
  readonly self: PeerId;
  /** Whether a session is signing with a key at this moment. */
  inUse(row: KeyRow): boolean;
}

export class Eraser {
  readonly #options: EraserOptions;
  #sweeping: Promise<void> | null = null;
  #again = false;

  constructor(options: EraserOptions) {
    this.#options = options;
    options.keys.onEpochs(() => this.sweep());
  }

  /** Erases what may be erased now, in the background. If the store fails, the next sweep tries again. */
  sweep(): void {
    this.#again = true;
    this.#sweeping ??= this.#run().finally(() => this.#sweeping = null);
  }

  async #run(): Promise<void> {
    while (this.#again) {
      this.#again = false;
      await this.#erase().catch(unlessStore);
    }
  }

  /** @throws {StoreError} */
  async #erase(): Promise<void> {
    const { keys, inUse } = this.#options;
    for (const row of keys.rows.all()) {
      if (row.state === "active" && this.#isHandedOver(row) && !inUse(row)) {
        await keys.rows.erase(row.session, ["active"]);
      }
    }
  }

  /**
   * Whether this node's share of an epoch is of no more use to anybody: one of the epochs after it is in good hands. The
   * next one may have been handed over itself while this node was away. A member of an epoch that has lost its share of
   * it counts on nobody's word: its old share may be the one that is missing.
   */
  #isHandedOver({ session }: KeyRow): boolean {
    const { keys, self } = this.#options;
    for (let keyId = session.toHex();;) {
      const [next, ...others] = keys.epochs.after(keyId);
      const key = next === undefined ? undefined : keys.certified(next)?.key;
      if (!key || others.length > 0) return false;
      if (keys.rows.withShare(next!)?.state === "active") return true;
      if (!key.members.includes(self) && keys.holding(next!).size >= key.threshold) return true;
      keyId = next!;
    }
  }
}
