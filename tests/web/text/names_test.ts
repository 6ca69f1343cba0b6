import assert from "node:assert/strict";
import { distinctionOf, namer, seconds, short } from "../../../web/text/names.ts";
import { alice, bob, carol, ecdsaKey, hex, key, peers, status } from "../events.ts";

Deno.test("namer() gives the roster's names, and the ends of ids to strangers", () => {
  const nameOf = namer(peers);
  assert.equal(nameOf(alice), "Alice");
  assert.equal(nameOf("12D3KooWabcdefgh"), "12D3…efgh");
});

Deno.test("namer() tells two peers of one name apart, whatever the case", () => {
  const nameOf = namer(new Map([[alice, status("Bob")], [bob, status("bob")], [carol, status("Carol")]]));
  assert.notEqual(nameOf(alice).toLowerCase(), nameOf(bob).toLowerCase());
  assert.match(nameOf(alice), /^Bob \(12D3…/);
  assert.equal(nameOf(carol), "Carol");
});

Deno.test("namer() tells peers apart whose names look alike, and whoever is called as the page calls its reader", () => {
  for (const other of ["\u0410lice", "A1ice", "ALICE", "Al\u0456ce"]) {
    const nameOf = namer(new Map([[alice, status("Alice")], [bob, status(other)]]));
    assert.match(nameOf(alice), /^Alice \(12D3…/, other);
    assert.match(nameOf(bob), /\(12D3…/, other);
  }
  for (const name of ["you", "You", "this tab", "nobody"]) {
    assert.match(namer(new Map([[alice, status(name)]]))(alice), /\(12D3…/, name);
  }
});

Deno.test("namer() never gives an empty name", () => {
  assert.match(namer(new Map([[alice, status("  ")]]))(alice), /^12D3…/);
});

Deno.test("short() keeps what is short, and can keep no tail", () => {
  assert.equal(short("abcdef"), "abcdef");
  assert.equal(short("0123456789abcdef", 4, 0), "0123…");
  assert.equal(short("0123456789abcdef", 4, 4), "0123…cdef");
});

Deno.test("seconds() never shows a negative time", () => {
  assert.equal(seconds(-5), "0.00 s");
  assert.equal(seconds(80), "0.08 s");
  assert.equal(seconds(12_340), "12.3 s");
});

Deno.test("distinctionOf() gives epoch and id of a key that shares its name, and as much of the id as it takes", () => {
  const [one, other] = ["f02c", "e90c"].map((id) => ({ ...key, epoch: 2, session: hex(id) }));
  assert.equal(distinctionOf(one!, [one!]), null);
  assert.equal(distinctionOf(one!, [one!, ecdsaKey, { ...other!, wallet: "another" }]), null);
  assert.equal(distinctionOf(one!, [one!, other!]), "epoch 2, id f02c…");
  assert.equal(distinctionOf(other!, [one!, other!]), "epoch 2, id e90c…");
  const alike = { ...key, epoch: 2, session: hex("f02c0000a") };
  assert.equal(distinctionOf(alike, [one!, other!, alike]), "epoch 2, id f02c0000a000…");
  assert.equal(distinctionOf(one!, [one!, other!, alike]), "epoch 2, id f02c00000000…");
  const longer = { ...one!, session: `${one!.session}00` };
  assert.equal(distinctionOf(one!, [one!, longer]), `epoch 2, id ${one!.session}`);
});
