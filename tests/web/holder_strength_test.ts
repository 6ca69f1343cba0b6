import assert from "node:assert/strict";
import { strengthMeter } from "../../web/holder/strength.ts";
import { refused } from "../../web/holder/view/fields.tsx";
import { weakness } from "../../src/text/strength.ts";

const page = {
  baseURI: "https://quorate.example/page/",
  querySelector: () => ({ content: "./strength.0123.js" }),
} as unknown as Document;

Deno.test("strengthMeter() fetches what measures when the first passphrase is chosen, and not before", async () => {
  const loaded: string[] = [];
  const measure = strengthMeter(page, (address) => {
    loaded.push(address);
    return Promise.resolve({ weakness });
  });
  assert.deepEqual(loaded, []);
  assert.match((await measure("password1", []))!, /too easy to guess/);
  assert.equal(await measure("correct horse battery staple", []), null);
  assert.equal(loaded[0], "https://quorate.example/page/strength.0123.js");
});

Deno.test("strengthMeter() lets nothing through that it could not measure", async () => {
  const measure = strengthMeter(page, () => Promise.reject(new TypeError("Failed to fetch")));
  assert.match((await measure("correct horse battery staple", []))!, /could not be measured/);
});

Deno.test("refused() wants a good passphrase that was typed twice, and knows the name beside it", async () => {
  const measure = strengthMeter(page, () => Promise.resolve({ weakness }));
  const good = "correct horse battery staple";
  assert.equal(await refused([good, good], measure, ["Ada"]), null);
  assert.match((await refused([good, "correct horse"], measure, []))!.text, /not the same/);
  assert.match((await refused(["12345678", "12345678"], measure, []))!.text, /too easy to guess/);
  assert.notEqual(
    await refused(["Ada Lovelace the first", "Ada Lovelace the first"], measure, ["Ada Lovelace the first"]),
    null,
  );
});
