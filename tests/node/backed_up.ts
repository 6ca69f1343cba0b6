/**
 * A cluster of which bob loses his disk, and what he has on it. Not a test by itself.
 * @module
 */
import type { Scheme } from "../../src/events.ts";
import type { Identity, Store } from "../../src/ports.ts";
import type { KeyRow } from "../../src/keystore/key_rows.ts";
import type { Rows } from "../../src/keystore/rows.ts";
import { readRow, rowName, writeRow } from "../../src/keystore/key_rows.ts";
import { voteOf } from "../../src/keystore/vote_signatures.ts";
import { memoryStore } from "../../src/store/memory.ts";
import { type Backup, sealBackup } from "../../src/keystore/backup/backup.ts";
import { openShare, sealShare } from "../../src/keystore/share_record.ts";
import { backupContent, passphrase } from "../negative/backup_of.ts";
import { rowsIn } from "../negative/disks.ts";
import { Scene } from "../negative/scene.ts";

export { passphrase, rowsIn };

export const random = (length: number) => crypto.getRandomValues(new Uint8Array(length));

/** Three of three sign: without bob nobody does. */
export class BackedUp implements AsyncDisposable {
  readonly #disks: Map<string, Store>;

  private constructor(readonly scene: Scene, disks: Map<string, Store>) {
    this.#disks = disks;
  }

  static async start({ scheme = "ed25519" }: { scheme?: Scheme } = {}): Promise<BackedUp> {
    const disks = new Map<string, Store>();
    const disk = (name: string) => disks.get(name)!;
    const scene = await Scene.start({
      scheme,
      threshold: 3,
      store(name) {
        disks.set(name, memoryStore());
        return {
          get: (row) => disk(name).get(row),
          swap: (row, from, sealed) => disk(name).swap(row, from, sealed),
          names: (prefix) => disk(name).names(prefix),
          close: () => Promise.resolve(),
        };
      },
    });
    return new BackedUp(scene, disks);
  }

  get bob(): Identity {
    return this.scene.everyone("bob").identity;
  }

  /** What bob has on disk, plain. */
  rows(store: Store = this.#disks.get("bob")!): Promise<Rows> {
    return rowsIn(store, this.bob);
  }

  /** The content of bob's backup. */
  content(): Promise<Backup> {
    return backupContent(this.scene, "bob", this.#disks.get("bob")!);
  }

  /** Bob's process dies, and comes back with this disk. */
  async reboot(disk: Store): Promise<void> {
    this.scene.cluster.kill("bob");
    this.#disks.set("bob", disk);
    await this.scene.cluster.boot("bob");
    await this.scene.cluster.linked();
    await this.scene.clock.pass(2_000); // it compares itself with the others first
  }

  /** The key's row with its members' votes, in another epoch: what a resharing might leave. */
  async inEpoch(epoch: number, row: KeyRow): Promise<KeyRow> {
    const { storageKey } = this.bob.secrets();
    const session = random(32);
    const key = { ...row.key!, epoch };
    const { peer } = this.bob;
    using opened = await openShare(storageKey, { peer, key: row.key!, session: row.session }, row.share);
    const share = await sealShare(storageKey, { peer, key, session }, opened.share);
    const next = { ...row, session, key, share };
    const voters = key.members.map((peer) => this.scene.everyone(this.scene.nameOf(peer)).identity);
    return { ...next, votes: await Promise.all(voters.map((voter) => voteOf(voter, next))) };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.scene[Symbol.asyncDispose]();
  }
}

/** The only row of a key there is. */
export async function keyRow(rows: Rows): Promise<KeyRow> {
  const [name] = await rows.names("key/");
  return (await readRow(rows, name!))!.row;
}

/** The backup with these rows changed or added. */
export async function withRows(backup: Backup, ...changed: readonly KeyRow[]): Promise<Backup> {
  const rows = new Map(backup.rows);
  for (const row of changed) {
    rows.delete(rowName(row.session));
    const into: Rows = {
      get: () => Promise.resolve(null),
      names: () => Promise.resolve([]),
      erase: () => Promise.resolve(),
      swap: (name, _from, plain) => Promise.resolve(rows.set(name, plain!) !== undefined),
    };
    await writeRow(into, null, row);
  }
  return { ...backup, rows };
}

/** As a file, with a work factor for tests: 2¹⁰. */
export const asFile = (backup: Backup) => sealBackup(backup, passphrase, { workFactor: 10 });
