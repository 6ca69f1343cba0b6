import assert from "node:assert/strict";
import type { SessionId } from "../../src/events.ts";
import type { KeyRow, RowState } from "../../src/keystore/key_rows.ts";
import { hasQuorum, type OnDisk } from "./epoch_disks.ts";

const id = (fill: number) => new Uint8Array(32).fill(fill);

/** An epoch of a wallet of which two shares sign, as a disk has it; the first one follows none. */
function row(epoch: number, state: RowState): [SessionId, KeyRow] {
  const key = { wallet: "line", threshold: 2, epoch } as KeyRow["key"];
  const share = new Uint8Array(state === "active" || state === "pending" ? 1 : 0);
  const parent = epoch === 1 ? null : { session: id(epoch - 1), vote: id(9) };
  return [id(epoch).toHex(), { state, session: id(epoch), key, share, parent } as KeyRow];
}

/** Whether the wallet has a quorum on disks with these epochs. */
const quorumOf = (...disks: Parameters<typeof row>[][]): boolean => {
  const all = disks.map((rows, i) => [`${i}`, new Map(rows.map((one) => row(...one)))] as const);
  return hasQuorum(new Map<string, OnDisk>(all), "line");
};

Deno.test("hasQuorum() counts the disks that may still sign with one epoch", () => {
  assert.ok(quorumOf([[1, "active"]], [[1, "active"]], []));
  assert.ok(!quorumOf([[1, "active"]], [], []));
  assert.ok(!quorumOf([[1, "active"]], [[2, "pending"]], []), "two halves");
});

Deno.test("hasQuorum() counts no share whose disk has a later certificate", () => {
  assert.ok(!quorumOf([[1, "active"], [2, "known"]], [[1, "active"]], []));
  assert.ok(!quorumOf([[1, "active"], [3, "known"]], [[1, "active"]], [[2, "known"]]), "however much later");
  assert.ok(
    quorumOf([[1, "active"], [2, "pending"]], [[1, "active"]], []),
    "a share on its way retires nothing",
  );
});

Deno.test("hasQuorum() counts shares of an epoch that waits for its certificate, once that is on some disk", () => {
  assert.ok(!quorumOf([[2, "pending"]], [[2, "pending"]], []));
  assert.ok(quorumOf([[2, "pending"]], [[2, "pending"]], [[2, "known"]]));
  assert.ok(quorumOf([[1, "active"], [2, "active"]], [[2, "pending"]], []));
});
