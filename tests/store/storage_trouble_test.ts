import "fake-indexeddb/auto";
import assert from "node:assert/strict";
import { InputError, StoreError } from "../../src/errors.ts";
import { indexedDbStore } from "../../src/store/indexeddb.ts";
import { isRefused, storageTrouble } from "../../src/store/storage_trouble.ts";

Deno.test("storageTrouble() says what to do where something can be done, and only the error where not", () => {
  const full = new DOMException("The quota is exceeded.", "QuotaExceededError");
  assert.equal(
    storageTrouble(full),
    "The quota is exceeded: free disk space, or let this site store more, then try again",
  );
  assert.match(storageTrouble(new DOMException("Denied", "SecurityError")), /leave private browsing/);
  assert.match(
    storageTrouble(new DOMException("Internal error", "UnknownError")),
    /free disk space, leave private/,
  );
  assert.equal(storageTrouble(new DOMException("It is closing.", "InvalidStateError")), "It is closing.");
  assert.equal(storageTrouble("what"), "what");
  assert.equal(isRefused(full), true);
  assert.equal(isRefused(new TypeError("no such database")), false);
});

Deno.test("indexedDbStore() throws StoreError, saying what to do, where the browser stores nothing", async () => {
  const { prototype } = IDBFactory;
  const open = prototype.open;
  for (
    const [name, advice] of [["SecurityError", /leave private browsing/], [
      "QuotaExceededError",
      /free disk/,
    ]] as const
  ) {
    prototype.open = () => {
      throw new DOMException("Refused.", name);
    };
    try {
      await assert.rejects(indexedDbStore("refused"), (error) => {
        assert.ok(error instanceof StoreError && !(error instanceof InputError));
        assert.match(error.message, /^Cannot open the store refused: Refused: /);
        assert.match(error.message, advice);
        return true;
      });
    } finally {
      prototype.open = open;
    }
  }
  await (await indexedDbStore("refused")).close();
});
