/**
 * What every store must do, whatever is underneath.
 * @module
 */
import assert from "node:assert/strict";
import { InputError, StoreError } from "../../src/errors.ts";
import type { Store } from "../../src/ports.ts";

/** A place for one store, fresh for each test. */
export interface StorePlace extends AsyncDisposable {
  /** Opens what is in this place: each call is another handle on the same records. */
  open(): Promise<Store>;
}

/**
 * Registers the tests.
 *
 * @param durable Whether records outlive their handle.
 */
export function storeConformance(
  name: string,
  { place, durable }: { place: () => Promise<StorePlace>; durable: boolean },
): void {
  const test = (sentence: string, body: (store: Store, place: StorePlace) => Promise<void>) =>
    Deno.test(`${name} ${sentence}`, async () => {
      await using here = await place();
      const store = await here.open();
      try {
        await body(store, here);
      } finally {
        await store.close();
      }
    });

  test("says null for what is absent", async (store) => {
    assert.equal(await store.get("a"), null);
    assert.deepEqual(await store.names(""), []);
  });

  test("gives version 1 to a fresh record and adds one for each write", async (store) => {
    assert(await store.swap("a", null, Uint8Array.of(1)));
    assert.deepEqual(await store.get("a"), { version: 1, sealed: Uint8Array.of(1) });
    assert(await store.swap("a", 1, Uint8Array.of(2)));
    assert(await store.swap("a", 2, new Uint8Array()));
    assert.deepEqual(await store.get("a"), { version: 3, sealed: new Uint8Array() });
  });

  test("writes nothing if the version is another", async (store) => {
    assert(!await store.swap("a", 1, Uint8Array.of(1)));
    assert(await store.swap("a", null, Uint8Array.of(1)));
    for (const from of [null, 0, 2, -1, 1.5, NaN]) {
      assert(!await store.swap("a", from, Uint8Array.of(9)), `from ${from}`);
      assert(!await store.swap("a", from, null), `from ${from}`);
    }
    assert.deepEqual(await store.get("a"), { version: 1, sealed: Uint8Array.of(1) });
  });

  test("deletes with null, and only the version that was meant", async (store) => {
    assert(await store.swap("a", null, Uint8Array.of(1)));
    assert(!await store.swap("a", 2, null));
    assert(await store.swap("a", 1, null));
    assert.equal(await store.get("a"), null);
    assert(!await store.swap("a", 1, null), "twice");
    assert(await store.swap("a", null, null), "absent, as expected");
    assert.equal(await store.get("a"), null);
  });

  test("does not let a write from before a deletion win after it (ABA)", async (store) => {
    assert(await store.swap("a", null, Uint8Array.of(1)));
    for (let version = 1; version < 5; version++) {
      assert(await store.swap("a", version, null));
      assert(await store.swap("a", null, Uint8Array.of(2)));
      assert.equal((await store.get("a"))?.version, version + 1);
      assert(!await store.swap("a", version, Uint8Array.of(3)));
      assert(!await store.swap("a", version, null));
    }
    assert.deepEqual((await store.get("a"))?.sealed, Uint8Array.of(2));
    assert(await store.swap("b", null, Uint8Array.of(1)));
    assert.equal((await store.get("b"))?.version, 1, "another name is not affected");
  });

  test("keeps its own copy of what goes in and gives one out", async (store) => {
    const buffer = Uint8Array.of(0, 1, 2, 3, 0);
    const part = buffer.subarray(1, 4);
    assert(await store.swap("a", null, part));
    buffer.fill(9);
    const first = await store.get("a");
    assert.deepEqual(first?.sealed, Uint8Array.of(1, 2, 3));
    assert.equal(first?.sealed.buffer.byteLength, 3);
    first?.sealed.fill(8);
    assert.deepEqual((await store.get("a"))?.sealed, Uint8Array.of(1, 2, 3));
  });

  test("takes the bytes as they are when swap() is called", async (store) => {
    const bytes = Uint8Array.of(1, 2, 3);
    const swapped = store.swap("a", null, bytes);
    bytes.fill(9);
    assert(await swapped);
    assert.deepEqual((await store.get("a"))?.sealed, Uint8Array.of(1, 2, 3));
  });

  test("lists the names that begin with a prefix, sorted, and takes %, _, * and \\ literally", async (store) => {
    const names = [
      "a",
      "a%",
      "a%b",
      "a*",
      "a\\",
      "a_",
      "a_b",
      "aXb",
      "ab",
      "b",
      "%",
      "_",
      "é",
      "a\uffff",
      "a😀",
      "A",
    ];
    for (const each of names) assert(await store.swap(each, null, Uint8Array.of(1)));
    for (
      const prefix of [
        "",
        "a",
        "a%",
        "a_",
        "a*",
        "a\\",
        "%",
        "_",
        "é",
        "ab",
        "abc",
        "a\uffff",
        "a😀",
        "A",
        "[",
        "'",
      ]
    ) {
      const expected = names.filter((each) => each.startsWith(prefix)).sort();
      assert.deepEqual(await store.names(prefix), expected, `prefix ${prefix}`);
    }
    assert(await store.swap("a_b", 1, null));
    assert.deepEqual(await store.names("a_"), ["a_"]);
  });

  test("tells names apart that differ in case, in normal form or by a space", async (store) => {
    const names = ["wallet", "Wallet", "wallet ", "é", "e\u0301", ""];
    for (const [i, each] of names.entries()) assert(await store.swap(each, null, Uint8Array.of(i)));
    for (const [i, each] of names.entries()) {
      assert.deepEqual((await store.get(each))?.sealed, Uint8Array.of(i));
    }
  });

  test("refuses names that an engine would change", async (store) => {
    for (const bad of ["a\0b", "\ud800", "a\udc00"]) {
      await assert.rejects(store.get(bad), InputError);
      await assert.rejects(store.swap(bad, null, Uint8Array.of(1)), InputError);
      await assert.rejects(store.names(bad), InputError);
    }
  });

  test("lets exactly one of many swaps at once win", async (store) => {
    const racers = Array.from({ length: 20 }, (_, i) => i);
    for (let version = 0; version < 5; version++) {
      const won = await Promise.all(
        racers.map((i) => store.swap("a", version === 0 ? null : version, Uint8Array.of(i))),
      );
      assert.equal(won.filter(Boolean).length, 1);
      const winner = won.indexOf(true);
      assert.deepEqual(await store.get("a"), { version: version + 1, sealed: Uint8Array.of(winner) });
    }
  });

  test("loses no increment of writers that read and swap at once", async (store) => {
    const add = async () => {
      for (;;) {
        const found = await store.get("sum");
        const sum = new Uint32Array((found?.sealed ?? new Uint8Array(4)).slice().buffer);
        sum[0]! += 1;
        if (await store.swap("sum", found?.version ?? null, new Uint8Array(sum.buffer))) return;
      }
    };
    await Promise.all(Array.from({ length: 25 }, add));
    const found = await store.get("sum");
    assert.equal(found?.version, 25);
    assert.equal(new Uint32Array(found.sealed.slice().buffer)[0], 25);
  });

  test("keeps 2,000 records", async (store) => {
    for (let i = 0; i < 2_000; i++) assert(await store.swap(`r/${i}`, null, Uint8Array.of(i & 255, i >> 8)));
    assert.equal((await store.names("r/")).length, 2_000);
    assert.equal((await store.names("r/19")).length, 111);
    for (const i of [0, 999, 1999]) {
      assert.deepEqual((await store.get(`r/${i}`))?.sealed, Uint8Array.of(i & 255, i >> 8));
    }
  });

  test("keeps a record of a megabyte", async (store) => {
    const large = new Uint8Array(1 << 20).map((_, i) => i % 251);
    assert(await store.swap("large", null, large));
    assert.deepEqual((await store.get("large"))?.sealed, large);
  });

  test("throws StoreError, and never says absent, once it is closed", async (store) => {
    assert(await store.swap("a", null, Uint8Array.of(1)));
    await store.close();
    await store.close();
    await assert.rejects(store.get("a"), StoreError);
    await assert.rejects(store.get("b"), StoreError);
    await assert.rejects(store.swap("b", null, Uint8Array.of(1)), StoreError);
    await assert.rejects(store.names(""), StoreError);
  });

  if (!durable) return;

  test("keeps records, versions and deletions when closed and opened again", async (store, place) => {
    assert(await store.swap("a", null, Uint8Array.of(1)));
    assert(await store.swap("a", 1, Uint8Array.of(2)));
    assert(await store.swap("gone", null, Uint8Array.of(1)));
    assert(await store.swap("gone", 1, null));
    await store.close();
    const again = await place.open();
    assert.deepEqual(await again.get("a"), { version: 2, sealed: Uint8Array.of(2) });
    assert.equal(await again.get("gone"), null);
    assert(await again.swap("gone", null, Uint8Array.of(3)));
    assert.equal((await again.get("gone"))?.version, 2);
    await again.close();
  });

  test("lets exactly one of two handles win a race", async (store, place) => {
    const other = await place.open();
    try {
      for (let version = 0; version < 50; version++) {
        const from = version === 0 ? null : version;
        const won = await Promise.all([
          store.swap("a", from, Uint8Array.of(0)),
          other.swap("a", from, Uint8Array.of(1)),
        ]);
        assert.deepEqual([...won].sort(), [false, true]);
        const winner = Uint8Array.of(won.indexOf(true));
        for (const each of [store, other]) {
          assert.deepEqual(await each.get("a"), { version: version + 1, sealed: winner });
        }
      }
    } finally {
      await other.close();
    }
  });
}
