import assert from "node:assert/strict";
import { explain } from "../src/explain.ts";
import {
  type Explainable,
  type FailureCode,
  type FailureRow,
  failures,
  keySafety,
  type Kind,
} from "../src/failure.ts";
import { type WarningCode, warnings } from "../src/failure.ts";

const kinds: readonly Kind[] = ["ecdh", "generate", "sign", "reshare"];
const codes = Object.keys(failures) as FailureCode[];
const rows = codes.map((code) => [code, failures[code] as FailureRow] as const);
const accuses = (code: string) =>
  ["malformed-message", "unexpected-round", "equivocation"].includes(code) || code.startsWith("invalid-");

function failed(
  code: FailureCode,
  kind: Kind,
  more: Partial<Explainable & { type: "failed" }> = {},
): Explainable {
  const { names } = failures[code] as FailureRow;
  return {
    type: "failed",
    code,
    kind,
    wallet: "treasury",
    peer: "A",
    round: "commit",
    culprits: names === "culprits" ? ["B", "C"] : [],
    missing: names === "missing" ? ["B"] : [],
    claims: names === "claims" ? [{ by: "B", code: "invalid-signature-share", peers: ["C"] }] : [],
    key: keySafety(code, kind),
    ...more,
  };
}
const nameOf = (peer: string) => ({ A: "Alice", B: "Bob", C: "Carol" })[peer] ?? "someone";

Deno.test("failures: culprits are named by malformed-message, unexpected-round, equivocation and invalid-*, and by no other", () => {
  for (const [code, { names }] of rows) assert.equal(names === "culprits", accuses(code), code);
});

Deno.test("failures: a code is kebab-case, and no warning has the same", () => {
  for (const code of [...codes, ...Object.keys(warnings)]) assert.match(code, /^[a-z]+(-[a-z]+)*$/);
  for (const code of Object.keys(warnings)) assert.ok(!(code in failures), code);
});

Deno.test("failures: only a failed multiplication bans, only a ban leaves a key unsafe, and only an accusation can be checked", () => {
  for (const [code, { names, remedy, key, checkedBy }] of rows) {
    if (names !== "culprits") assert.equal(checkedBy, "nobody", code);
    assert.equal(remedy === "ban", code === "invalid-multiplication", code);
    assert.equal(key === "safe-if-banned", ["invalid-multiplication", "peer-banned"].includes(code), code);
  }
});

Deno.test("keySafety() says of a key generation that no key was made, unless a share is on disk", () => {
  for (const code of codes) {
    const { key } = failures[code] as FailureRow;
    assert.equal(keySafety(code, "generate"), key === "safe" ? "no-key" : key);
    for (const kind of kinds) if (kind !== "generate") assert.equal(keySafety(code, kind), key);
  }
});

Deno.test("explain() fills every place of every sentence, for every code and kind, with and without a wallet and a round", () => {
  for (const code of codes) {
    for (const kind of kinds) {
      // A session without a wallet is a link's, and a link does not end for a wallet's sake.
      const aboutWallet = (failures[code] as FailureRow).what.includes("{wallet}");
      for (const more of [{}, ...aboutWallet ? [] : [{ wallet: null }], { round: null }]) {
        const sentences = Object.entries(explain(failed(code, kind, more), nameOf));
        assert.equal(sentences.length, 4);
        for (const [part, sentence] of sentences) {
          assert.doesNotMatch(sentence, /[{}]|undefined|null|“”/, `${code} ${kind} ${part}: ${sentence}`);
          assert.match(sentence, /^[\p{Lu}\p{N}“].*[.!]$/u, `${code} ${kind} ${part}: ${sentence}`);
        }
      }
    }
  }
});

Deno.test("explain() speaks of a peer, and not of nobody, where a list is empty", () => {
  for (const code of codes) {
    const { what } = explain(failed(code, "sign", { culprits: [], missing: [], claims: [] }), nameOf);
    assert.doesNotMatch(what, /^\s|[{}]/, code);
  }
});

Deno.test("explain() accuses nobody where nothing was shown", () => {
  for (const [code, { names }] of rows) {
    const { who } = explain(failed(code, "sign"), nameOf);
    if (names === "culprits") assert.match(who, /^Bob and Carol, says Alice, who checked it\./, code);
    else assert.match(who, /[Nn]obody is blamed/, code);
  }
});

Deno.test("explain() does not suggest another wallet in passing: leaving someone out of a new key makes one", () => {
  for (const code of codes) {
    const { next } = explain(failed(code, "generate"), nameOf);
    assert.doesNotMatch(next, /[Cc]reate the key without/, code);
  }
});

Deno.test("explain() says of every warning how many, from where, and that nobody is blamed", () => {
  for (const code of Object.keys(warnings) as WarningCode[]) {
    for (const via of ["B", null]) {
      const { what, who } = explain({ type: "warning", code, via, count: 47, peer: "A" }, nameOf);
      assert.match(what, via ? /^47 .*\(from Bob\)\.$/ : /^47 .*[^)]\.$/);
      assert.equal(who, "Nobody is blamed.");
    }
  }
});

Deno.test("explain() lets no name, wallet or round change what its sentences are", () => {
  const hostile = [
    "{culprits}",
    "{wallet}",
    "$&",
    "$1",
    "<img src=x onerror=alert(1)>",
    "__proto__",
    "a\nb",
    "",
  ];
  for (const text of hostile) {
    for (const code of codes) {
      const plain = explain(failed(code, "sign", { wallet: "WALLET", round: "ROUND" }), () => "NAME");
      const odd = explain(failed(code, "sign", { wallet: text, round: text }), () => text);
      for (const part of ["what", "who", "key", "next"] as const) {
        const expected = plain[part].replaceAll(/NAME|WALLET|ROUND/g, () => text);
        assert.equal(odd[part].toLowerCase(), expected.toLowerCase(), `${code} ${part}`);
      }
    }
  }
});
