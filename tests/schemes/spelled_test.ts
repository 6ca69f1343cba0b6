import assert from "node:assert/strict";
import { graph, source } from "../layers/graph.ts";
import { spelled } from "../layers/spelled.ts";

/** The rooms that may know which schemes there are, a signer being for one, and the two tables outside them. */
const rooms = /^(src\/(schemes|crypto|protocol|demo|signers)|web\/demo)\//;
const tables = ["src/events.ts", "web/text/schemes.ts"];

Deno.test("no file outside the schemes, their cryptography, the signers, the demonstration and two tables spells a scheme", async () => {
  const found: string[] = [];
  for (const path of (await graph()).keys()) {
    const places = rooms.test(path) ? [] : spelled(path, await source(path));
    if (tables.includes(path)) assert.ok(places.length > 0, `${path} need not be let through`);
    else found.push(...places.map((place) => `${path}: ${place}`));
  }
  assert.deepEqual(found, []);
});

Deno.test("spelled() sees a scheme that is named or compared, and not what only looks like it", () => {
  const spells = [
    'if (scheme === "ecdsa") f();',
    "const a = `ecdsa`;",
    "const a = { ed25519: 1 };",
    "schemes.ecdsa.verify();",
    'type A = "ed25519" | "other";',
    "interface A { ecdsa: string }",
    'f("a key of secp256k1");',
    "/secp256k1/.test(x)",
    "switch (s) { case 'ed25519': }",
    "const a = `a ${b} ECDSA key`;",
    "const a = <p>an ECDSA key</p>;",
  ];
  for (const code of spells) assert.ok(spelled("a.tsx", code).length > 0, code);
  const innocent = [
    'import { ed25519 } from "@noble/curves/ed25519.js";',
    'import type { A } from "../crypto/ecdsa/signature.ts";',
    "// ecdsa",
    "schemes[scheme].verify();",
    "const ed25519 = f();",
    'f("a scheme");',
  ];
  for (const code of innocent) assert.deepEqual(spelled("a.tsx", code), [], code);
});
