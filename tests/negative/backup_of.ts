/**
 * Backups of a peer of a scene, and stores made whole from them. Not a test by itself.
 * @module
 */
import { formatRoster } from "../../src/cluster/roster/roster.ts";
import type { Store } from "../../src/ports.ts";
import { openBackup } from "../../src/node/restore.ts";
import { type Backup, collectRows, sealBackup } from "../../src/keystore/backup/backup.ts";
import { rowsIn } from "./disks.ts";
import type { Scene } from "./scene.ts";

const random = (length: number) => crypto.getRandomValues(new Uint8Array(length));
export const passphrase = "correct horse battery";

/** The content of a peer's backup, with the rows of `disk`. */
export async function backupContent(scene: Scene, name: string, disk: Store): Promise<Backup> {
  const { identity } = scene.everyone(name);
  const { roster } = scene.cluster;
  return {
    peer: identity.peer,
    secrets: identity.secrets(),
    cluster: roster.cluster,
    roster: formatRoster(roster),
    created: scene.clock.now(),
    rows: await collectRows(await rowsIn(disk, identity)),
  };
}

/** A peer's backup as a file, with the rows of `disk`. */
export async function asBackup(scene: Scene, name: string, disk: Store): Promise<Uint8Array> {
  return await sealBackup(await backupContent(scene, name, disk), passphrase, { workFactor: 10 });
}

/** Puts a backup into a store. */
export async function restoredTo(store: Store, backup: Uint8Array): Promise<void> {
  const opened = await openBackup(backup, passphrase);
  await opened.restore({ store, random, keep: () => Promise.resolve(() => Promise.resolve()) });
}
