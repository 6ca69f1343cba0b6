import assert from "node:assert/strict";
import "fake-indexeddb/auto";
import { type IDBPDatabase, openDB } from "idb";
import { InputError, StoreError } from "../../src/errors.ts";
import { indexedDbStore } from "../../src/store/indexeddb.ts";
import { storeConformance } from "./conformance.ts";

let count = 0;
const freshName = () => `store-${count++}`;

storeConformance("indexedDbStore()", {
  durable: true,
  place: () => {
    const name = freshName();
    return Promise.resolve({ open: () => indexedDbStore(name), async [Symbol.asyncDispose]() {} });
  },
});

Deno.test("indexedDbStore() asks for strict durability whenever it writes", async () => {
  const { prototype } = IDBDatabase;
  const transaction = prototype.transaction;
  const asked: unknown[] = [];
  prototype.transaction = function (this: IDBDatabase, ...args: Parameters<typeof transaction>) {
    if (args[1] === "readwrite") asked.push(args[2]?.durability);
    return transaction.apply(this, args);
  };
  try {
    const store = await indexedDbStore(freshName());
    assert(await store.swap("a", null, Uint8Array.of(1)));
    assert(await store.swap("a", 1, Uint8Array.of(2)));
    assert(await store.swap("a", 2, null));
    await store.close();
  } finally {
    prototype.transaction = transaction;
  }
  assert.deepEqual(asked, ["strict", "strict", "strict"]);
});

Deno.test("indexedDbStore() resolves a swap after the transaction is complete, not before", async () => {
  const { prototype } = IDBDatabase;
  const transaction = prototype.transaction;
  const order: string[] = [];
  const store = await indexedDbStore(freshName());
  prototype.transaction = function (this: IDBDatabase, ...args: Parameters<typeof transaction>) {
    const tx = transaction.apply(this, args);
    tx.addEventListener("complete", () => order.push("complete"));
    return tx;
  };
  try {
    await store.swap("a", null, Uint8Array.of(1));
    order.push("resolved");
    await store.close();
  } finally {
    prototype.transaction = transaction;
  }
  assert.deepEqual(order, ["complete", "resolved"]);
});

Deno.test("indexedDbStore() throws StoreError when the quota is exceeded, and nothing was written", async () => {
  const store = await indexedDbStore(freshName());
  assert(await store.swap("a", null, Uint8Array.of(1)));
  const { prototype } = IDBObjectStore;
  const put = prototype.put;
  prototype.put = () => {
    throw new DOMException("The quota is exceeded", "QuotaExceededError");
  };
  try {
    await assert.rejects(store.swap("a", 1, Uint8Array.of(2)), StoreError);
    await assert.rejects(store.swap("b", null, Uint8Array.of(2)), /Cannot write "b": The quota is exceeded/);
  } finally {
    prototype.put = put;
  }
  assert.deepEqual(await store.get("a"), { version: 1, sealed: Uint8Array.of(1) });
  assert.equal(await store.get("b"), null);
  assert(await store.swap("a", 1, Uint8Array.of(2)), "and it goes on");
  await store.close();
});

Deno.test("indexedDbStore() throws StoreError when its transaction is aborted at the end", async () => {
  const store = await indexedDbStore(freshName());
  const { prototype } = IDBObjectStore;
  const put = prototype.put;
  prototype.put = function (this: IDBObjectStore, ...args: Parameters<typeof put>) {
    const request = put.apply(this, args);
    request.addEventListener("success", () => this.transaction.abort());
    return request;
  };
  try {
    await assert.rejects(store.swap("a", null, Uint8Array.of(2)), StoreError);
  } finally {
    prototype.put = put;
  }
  assert.equal(await store.get("a"), null);
  await store.close();
});

Deno.test("indexedDbStore() throws InputError for a store of another version", async () => {
  const name = freshName();
  (await openDB(name, 7)).close();
  await assert.rejects(indexedDbStore(name), new InputError("store", "expected version 1, found 7"));
});

Deno.test("indexedDbStore() throws InputError for a database that is no store", async () => {
  const name = freshName();
  (await openDB(name, 1, { upgrade: (db) => void db.createObjectStore("other") })).close();
  await assert.rejects(indexedDbStore(name), InputError);
});

Deno.test("indexedDbStore() gives way to a newer version, and then throws StoreError", async () => {
  const name = freshName();
  const store = await indexedDbStore(name);
  const newer: IDBPDatabase = await openDB(name, 2);
  await assert.rejects(store.get("a"), StoreError);
  newer.close();
});
