/**
 * Backups of a peer of a scene, and stores made whole from them. Not a test by itself.
 * @module
 */
import { formatRoster } from "../../src/cluster/roster/roster.ts";
import type { Store } from "../../src/ports.ts";
import { openBackup } from "../../src/node/restore.ts";
import { collectRows, sealBackup } from "../../src/keystore/backup.ts";
import { rowsIn } from "./disks.ts";
import type { Scene } from "./scene.ts";

const random = (length: number) => crypto.getRandomValues(new Uint8Array(length));
const passphrase = "correct horse battery";

/** A peer's backup as it is with that disk. */
export async function asBackup(scene: Scene, name: string, disk: Store): Promise<Uint8Array> {
  const { identity } = scene.everyone(name);
  const { roster } = scene.cluster;
  return await sealBackup(
    {
      peer: identity.peer,
      secrets: identity.secrets(),
      cluster: roster.cluster,
      roster: formatRoster(roster),
      created: scene.clock.now(),
      rows: await collectRows(await rowsIn(disk, identity)),
    },
    passphrase,
    { workFactor: 10 },
  );
}

/** Puts a backup into a store. */
export async function restoredTo(store: Store, backup: Uint8Array): Promise<void> {
  const opened = await openBackup(backup, passphrase);
  await opened.restore({ store, random, keep: () => Promise.resolve(() => Promise.resolve()) });
}
