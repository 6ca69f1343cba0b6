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
import { failureAliases } from "../src/failures/aliases.ts";
import { graph, reached } from "./layers/graph.ts";

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
    phase: "exchanging",
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

Deno.test("failureAliases has one row for each code, and explain() does not load it", async () => {
  assert.deepEqual(Object.keys(failureAliases).sort(), [...codes].sort());
  for (const [code, { mpcium, threat }] of Object.entries(failureAliases)) {
    assert.match(mpcium, /^ERROR(_[A-Z]+)+$/, code);
    assert.match(threat, /^[A-Z]+(_[A-Z]+)*$/, code);
  }
  const loaded = reached(await graph(), "src/explain.ts");
  assert.ok(loaded.has("src/failures/nobody.ts"));
  assert.ok(!loaded.has("src/failures/aliases.ts"));
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
        const { ids: _ids, ...all } = explain(failed(code, kind, more), nameOf);
        const sentences = Object.entries(all);
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

Deno.test("explain() says of a resharing that failed that the key is as it was, and of one under way that the key is safe", () => {
  const { what, key, next } = explain(failed("invalid-dealt-share", "reshare", { culprits: ["B"] }), nameOf);
  assert.equal(what, "Bob dealt a share that does not match its commitments.");
  assert.equal(key, "Your key is safe. Nothing was learned about it and nothing was changed.");
  assert.equal(next, "Reshare without Bob.");
  const pending = explain(failed("wallet-pending", "reshare"), nameOf);
  assert.equal(pending.what, "The new shares of “treasury” are not finished: Bob did not confirm.");
  assert.match(pending.key, /^Your key is safe, and its addresses stay\./);
  const claims = [{ by: "B", code: "wallet-pending", peers: ["C"] }] as const;
  const { who } = explain(failed("aborted-by-peer", "reshare", { claims }), nameOf);
  assert.match(who, /^Bob told Alice: The new shares of “treasury” are not finished/);
});

Deno.test("explain() names the act that ends a ban or a freeze, and never another wallet", () => {
  for (const code of ["invalid-multiplication", "peer-banned", "key-frozen", "pair-quarantined"] as const) {
    const { next } = explain(failed(code, "sign"), nameOf);
    assert.match(next, /reshare the key,? without .*“Change holders…” on the page, or “keys reshare”/, code);
    assert.doesNotMatch(next, /new (wallet|key)/, code);
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

Deno.test("explain() gives the id of each sentence, and one id never stands for two sentences", () => {
  const texts = new Map<string, string>();
  const claimed: readonly FailureCode[] = ["aborted-by-peer", "declined", "store-locked", "link-lost"];
  const items = [{}, { items: 2, spoilt: [1] }, { items: 2, spoilt: [0, 1] }];
  for (const code of codes) {
    for (const by of claimed) {
      for (const more of items) {
        // Everybody has one name, so that only the sentences differ.
        const claims = [{ by: "B", code: by, peers: ["B"] }];
        const said = explain(
          failed(code, "sign", { culprits: ["B"], missing: ["B"], claims, ...more }),
          () => "Bob",
        );
        for (const part of ["what", "who", "key", "next"] as const) {
          const ids = said.ids[part];
          assert.ok(ids.length > 0, `${code} ${part}`);
          for (const id of ids) assert.match(id, new RegExp(`^${part}\\.[a-z0-9]+([.-][a-z]+)*$`));
          const words = ids.includes("who.claims") ? `${by} ${ids}` : ids.join(); // the claims' own sentences
          assert.equal(texts.get(words) ?? said[part], said[part], `${code} ${by} ${words}`);
          texts.set(words, said[part]);
        }
      }
    }
  }
  const { ids } = explain(failed("invalid-signature-share", "sign", { items: 2, spoilt: [1] }), nameOf);
  assert.deepEqual(ids, {
    what: ["what.invalid-signature-share", "what.items.some"],
    who: ["who.culprits", "who.checkable.anyone"],
    key: ["key.safe", "key.items.possibly-signed"],
    next: ["next.invalid-signature-share"],
  });
  const reshared = explain(failed("round-timeout", "reshare"), nameOf, "B").ids;
  assert.deepEqual([reshared.key, reshared.who, reshared.next], [["key.safe"], ["who.missing"], [
    "next.own.missing",
  ]]);
});
