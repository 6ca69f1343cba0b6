import assert from "node:assert/strict";
import { HistorySync } from "../../../src/cluster/rollback/history_sync.ts";
import type { StoreHistory } from "../../../src/cluster/rollback/store_history.ts";
import type { Questions } from "../../../src/cluster/roster/questions.ts";

Deno.test("HistorySync: a restored node has compared with a peer that has shown its roster, its keys and its bans", async () => {
  const compared: string[] = [];
  const restoration = {
    state: "restored",
    compared: (peer: string) => Promise.resolve(void compared.push(peer)),
  };
  const storeHistory = { restoration } as unknown as StoreHistory;
  const sync = new HistorySync({ storeHistory, questions: {} as Questions });
  await sync.compared("bob", "roster");
  await sync.compared("bob", "bans");
  await sync.compared("carol", "keys");
  assert.deepEqual(compared, [], "bob may hide a later epoch of a key");
  await sync.compared("bob", "keys");
  assert.deepEqual(compared, ["bob"]);
});
