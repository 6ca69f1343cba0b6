import assert from "node:assert/strict";
import { linkFragment, readLink } from "../../web/holder/fragment.ts";

Deno.test("readLink() tells who is to hold shares from who watches, in a link, a fragment or bare text", () => {
  const hold = { wish: "hold", invitation: "abc" };
  for (const text of ["#hold=abc", "hold=abc", "https://x.example/#hold=abc", " #hold=abc&session=1 "]) {
    assert.deepEqual(readLink(text), hold, text);
  }
  for (const text of ["#abc", "abc", "https://x.example/q#abc&session=1"]) {
    assert.deepEqual(readLink(text), { wish: "watch", invitation: "abc" }, text);
  }
});

Deno.test("readLink() finds no invitation in what is the page's own", () => {
  for (const text of ["", "#", "#session=12", "#hold=", "#hold=a=b"]) {
    assert.equal(readLink(text), null, text);
  }
});

Deno.test("linkFragment() writes what readLink() reads", () => {
  for (const wish of ["hold", "watch"] as const) {
    const link = { wish, invitation: "abc" };
    assert.deepEqual(readLink(linkFragment(link)), link);
  }
});
