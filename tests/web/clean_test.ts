import assert from "node:assert/strict";
import fc from "fast-check";
import { visible } from "../../src/text/visible.ts";
import { clean, visibleLines } from "../../web/text/clean.ts";
import { hostile } from "./stories.ts";

Deno.test("visible() writes out what cannot be seen", () => {
  assert.equal(visible("a\u202Eb"), "a‹202E›b");
  assert.equal(visible("\u0000\u001b[31m"), "‹0000›‹001B›[31m");
  assert.equal(visible("\u{e0041}"), "‹E0041›");
  assert.equal(visible("\ud800"), "‹D800›");
});

Deno.test("visible() leaves ordinary text of any script alone", () => {
  for (const text of ["Alice", "Zoë", "漢字", "Ünïcödé", "🦊", "a b", "<b>&amp;"]) {
    assert.equal(visible(text), text);
  }
});

Deno.test("visible() keeps two marks on a letter and no more", () => {
  assert.equal(visible("A\u0300\u0301\u0302\u0303"), "A\u0300\u0301");
});

Deno.test("clean() makes one line of at most so many characters", () => {
  assert.equal(clean("W".repeat(64), 24).length, 24);
  assert.equal(clean("  Alice\u00a0B  "), "Alice B");
  assert.equal(clean("a\r\nb"), "a‹000D›‹000A›b");
});

Deno.test("clean() keeps letters that run right to left to themselves", () => {
  assert.equal(clean("שלום"), "\u2068שלום\u2069");
});

Deno.test("clean() leaves nothing that hides, turns or breaks, whatever it is given", () => {
  const bad = /[\p{Cc}\u200B-\u200F\u202A-\u202E\u2060-\u2067\u061C\uFEFF\u2028\u2029\u{E0000}-\u{E0FFF}]/u;
  const check = (text: string) => {
    const made = clean(text, 64);
    assert.doesNotMatch(made, bad);
    assert.ok([...made].length <= 66);
    assert.ok(made.isWellFormed());
  };
  hostile.forEach(check);
  fc.assert(fc.property(fc.string({ unit: "binary" }), check));
});

Deno.test("visibleLines() keeps lines and tabs and nothing else", () => {
  assert.equal(visibleLines("a\n\tb\u202E\u0007"), "a\n\tb‹202E›‹0007›");
});
