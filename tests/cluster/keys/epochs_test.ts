import assert from "node:assert/strict";
import { Epochs } from "../../../src/cluster/keys/epochs/epochs.ts";
import { Eraser } from "../../../src/cluster/keys/epochs/eraser.ts";
import type { Keys } from "../../../src/cluster/keys/keys.ts";
import type { PeerId } from "../../../src/failure.ts";
import type { KeyRow } from "../../../src/keystore/key_rows.ts";

const id = (fill: number) => new Uint8Array(32).fill(fill);
const hex = (fill: number) => id(fill).toHex();

/** An epoch that was dealt anew from another; 0 for none. @param share Whether this node has its share. */
const epoch = (fill: number, from = 0, share = false): KeyRow => ({
  state: share ? "active" : "known",
  session: id(fill),
  key: {
    wallet: "treasury",
    scheme: "ed25519",
    epoch: fill,
    threshold: 2,
    members: ["alice", "bob", "carol"],
    publicKey: id(9),
    verifyingShares: [],
    chainCode: id(9),
  },
  transcript: id(9),
  share: new Uint8Array(share ? 1 : 0),
  opens: [],
  votes: [],
  nos: [],
  at: 0,
  preimage: new Uint8Array(),
  parent: from === 0 ? null : { session: id(from), vote: id(9) },
  releases: [],
});

Deno.test("Epochs: an epoch is retired by its first successor, once, and forked by a second one", () => {
  const epochs = new Epochs(() => undefined);
  assert.equal(epochs.add(epoch(1)), false, "a first epoch retires none");
  assert.equal(epochs.isRetired(hex(1)), false);
  assert.equal(epochs.add(epoch(2, 1)), true);
  assert.equal(epochs.add(epoch(2, 1)), false, "again");
  assert.equal(epochs.add(epoch(3, 1)), false, "another");
  assert.deepEqual([...epochs.after(hex(1))], [hex(2), hex(3)]);
  assert.deepEqual([1, 2, 3].map((fill) => epochs.isRetired(hex(fill))), [true, false, false]);
  assert.deepEqual([...epochs.after(hex(2))], []);
});

Deno.test("Epochs.upTo() leads back as far as certificates are known", () => {
  const rows = new Map([[hex(1), epoch(1)], [hex(2), epoch(2, 1)], [hex(5), epoch(5, 4)]]);
  const epochs = new Epochs((keyId) => rows.get(keyId));
  const line = (row: KeyRow | undefined) => epochs.upTo(row).map(({ session }) => session[0]);
  assert.deepEqual(line(epoch(3, 2)), [1, 2, 3]);
  assert.deepEqual(line(rows.get(hex(5))), [5]);
  assert.deepEqual(line(undefined), []);
});

/** What an eraser erases here, of these rows, where members say that they hold shares of an epoch. */
async function erasedOf(
  rows: readonly KeyRow[],
  { holding = {}, inUse = () => false, self = "dave" }: {
    holding?: Readonly<Record<number, readonly PeerId[]>>;
    inUse?: (row: KeyRow) => boolean;
    self?: PeerId;
  } = {},
): Promise<number[]> {
  const erased: number[] = [];
  const byId = (keyId: string) => rows.find(({ session }) => session.toHex() === keyId);
  const epochs = new Epochs(byId);
  for (const row of rows) if (row.state !== "pending") epochs.add(row);
  const here = (row: KeyRow | undefined) => row && row.share.length > 0 ? row : undefined;
  const keys = {
    epochs,
    rows: {
      all: () => rows.filter(here),
      withShare: (keyId: string) => here(byId(keyId)),
      erase: (session: Uint8Array) => Promise.resolve(void erased.push(session[0]!)),
    },
    certified: byId,
    holding: (keyId: string) => new Set(holding[byId(keyId)!.session[0]!]),
    onEpochs() {},
  };
  new Eraser({ keys: keys as unknown as Keys, self, inUse }).sweep();
  await new Promise((resolve) => setTimeout(resolve));
  return erased;
}

Deno.test("Eraser: whoever stays erases a share when its next one is active, and never before", async () => {
  const old = epoch(1, 0, true);
  assert.deepEqual(await erasedOf([old]), []);
  assert.deepEqual(await erasedOf([old, epoch(2, 1, true)]), [1]);
  assert.deepEqual(await erasedOf([old, { ...epoch(2, 1, true), state: "pending" }]), []);
  assert.deepEqual(await erasedOf([old, epoch(2, 1, true)], { inUse: (row) => row === old }), [], "it signs");
});

Deno.test("Eraser: whoever leaves erases a share when as many as can sign say that they hold the next", async () => {
  const rows = [epoch(1, 0, true), epoch(2, 1)];
  assert.deepEqual(await erasedOf(rows), []);
  assert.deepEqual(await erasedOf(rows, { holding: { 2: ["alice"] } }), []);
  assert.deepEqual(await erasedOf(rows, { holding: { 1: ["alice", "bob"] } }), []);
  assert.deepEqual(await erasedOf(rows, { holding: { 2: ["alice", "bob"] } }), [1]);
  const lost = await erasedOf(rows, { holding: { 2: ["alice", "bob"] }, self: "carol" });
  assert.deepEqual(lost, [], "a member of the next that has lost its share of it");
});

Deno.test("Eraser: a share outlives no epoch after the next, whose members have erased theirs", async () => {
  const rows = [epoch(1, 0, true), epoch(2, 1), epoch(3, 2)];
  assert.deepEqual(await erasedOf(rows, { holding: { 3: ["alice"] } }), []);
  assert.deepEqual(await erasedOf(rows, { holding: { 3: ["alice", "carol"] } }), [1]);
  assert.deepEqual(await erasedOf([epoch(1, 0, true), epoch(2, 1), epoch(3, 2, true)]), [1]);
});

Deno.test("Eraser: a forked epoch is kept, and so is whatever was dealt anew into one", async () => {
  const fork = [epoch(1, 0, true), epoch(2, 1, true), epoch(3, 1, true)];
  assert.deepEqual(await erasedOf(fork), []);
  const later = [epoch(1, 0, true), epoch(2, 1), epoch(3, 2), epoch(4, 2)];
  assert.deepEqual(await erasedOf(later, { holding: { 3: ["alice", "bob"], 4: ["alice", "bob"] } }), []);
});
