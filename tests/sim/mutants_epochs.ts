/**
 * Bugs in what a node keeps and restores of the epochs of its keys.
 * @module
 */
import type { Mutant, Patch } from "./mutants.ts";

const patch = (file: string, find: string, replace: string): Patch => ({
  file: `src/${file}`,
  find,
  replace,
});
const caught = (file: string, test: string) => ({ file: `tests/${file}_test.ts`, test });
const backup = caught("node/reshare_backup", "of an ecdsa key that was reshared is read back");

export const epochMutants: readonly Mutant[] = [
  {
    name: "a certificate needs pairs in a backup",
    patches: [patch("keystore/soundness.ts", "key !== null && share.length > 0 &&", "key !== null &&")],
    caughtBy: backup,
  },
  {
    name: "a backup leaves the epochs before a key out",
    patches: [
      patch(
        "keystore/backup/backup.ts",
        '(found.row.share.length > 0 || found.row.state === "known")',
        "found.row.share.length > 0",
      ),
    ],
    caughtBy: backup,
  },
  {
    name: "a share of a past epoch wants a backup",
    patches: [patch("node/backups.ts", "|| past.has(row.session.toHex())", "")],
    caughtBy: caught(
      "cluster/keys/keys_epochs",
      "backupState() asks for no backup of a share that is about to be erased",
    ),
  },
  {
    name: "a past epoch is restored over the one after it",
    patches: [
      patch(
        "keystore/backup/restore_rows.ts",
        "past: pastEpochs(held)",
        "past: pastEpochs([])",
      ),
    ],
    caughtBy: caught("node/restore", "leaves a later epoch in the store alone"),
  },
  {
    name: "a restored node may use a key before it has heard of its epochs",
    patches: [
      patch(
        "cluster/rollback/history_sync.ts",
        'const parts = ["roster", "keys", "bans"]',
        'const parts = ["roster", "bans"]',
      ),
    ],
    caughtBy: caught("cluster/rollback/history_sync", "a restored node has compared with a peer"),
  },
  {
    name: "a failed resharing retires its epoch at the next start",
    patches: [
      patch("cluster/keys/keys.ts", "if (isCertified(row)) this.epochs.add(row);", "this.epochs.add(row);"),
    ],
    caughtBy: caught("cluster/keys/keys_epochs", "retires nothing at the next start"),
  },
  {
    name: "a share of another session is used",
    patches: [
      patch(
        "keystore/share_record.ts",
        "const expected = encode(of, share);",
        "const expected = encode({ ...of, session: shareRecord.decode(found).session }, share);",
      ),
    ],
    caughtBy: caught("keystore/share_record", "refuses the share of another session"),
  },
  {
    name: "the two sides of a fork have one name where one is chosen to sign with",
    patches: [{
      file: "web/view/sign_fields.tsx",
      find: "{choiceText(one, siblings)}",
      replace: "{schemeTexts[one.scheme].name}",
    }],
    caughtBy: { file: "tests/web/view/reshare_test.tsx", test: "tells the two sides of a fork apart" },
  },
];
