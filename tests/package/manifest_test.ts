import assert from "node:assert/strict";
import { manifestOf } from "../../src/package/manifest.ts";

const deno = {
  name: "@quorate/quorate",
  version: "1.2.3",
  license: "MIT",
  exports: { ".": "./mod.ts", "./server": "./src/server.ts", "./viem": "./src/signers/viem.ts" },
  imports: {
    "libp2p": "npm:libp2p@3.3.11",
    "@noble/hashes/": "npm:/@noble/hashes@2.4.0/",
    "age-encryption": "npm:age-encryption@0.3.1",
    "viem": "npm:viem@2.1.0",
    "citty": "npm:citty@0.2.2",
  },
};
const options = {
  deno,
  needs: [
    { entry: ".", packages: ["@noble/hashes", "age-encryption"] },
    { entry: "./server", packages: ["libp2p", "@noble/hashes"] },
    { entry: "./viem", packages: ["viem", "@noble/hashes"] },
  ],
  program: { path: "src/cli/main.js", packages: ["citty", "viem"] },
  withEffects: ["mod.js", "src/platform/symbols.js"],
};

Deno.test("manifestOf() has an entry's script and its types, the version of deno.json, and the command line", () => {
  const manifest = manifestOf(options);
  assert.deepEqual(manifest.exports, {
    ".": { types: "./mod.d.ts", default: "./mod.js" },
    "./server": { types: "./src/server.d.ts", default: "./src/server.js" },
    "./viem": { types: "./src/signers/viem.d.ts", default: "./src/signers/viem.js" },
    "./package.json": "./package.json",
  });
  assert.deepEqual([manifest.name, manifest.version, manifest.type], ["@quorate/quorate", "1.2.3", "module"]);
  assert.deepEqual(manifest.engines, { node: "^22.13.0 || >=24" });
  assert.deepEqual(manifest.bin, { quorate: "./src/cli/main.js" });
  assert.deepEqual(manifest.sideEffects, ["./mod.js", "./src/cli/main.js", "./src/platform/symbols.js"]);
});

Deno.test("manifestOf() pins libraries into whose insides we reach, and makes optional what one entry alone needs", () => {
  const { dependencies, peerDependencies, peerDependenciesMeta } = manifestOf(options);
  assert.deepEqual(dependencies, {
    "@noble/hashes": "^2.4.0",
    "age-encryption": "0.3.1",
    "citty": "^0.2.2",
    "libp2p": "3.3.11",
  });
  assert.deepEqual(peerDependencies, { viem: "^2.1.0" });
  assert.deepEqual(peerDependenciesMeta, { viem: { optional: true } });
});

Deno.test("manifestOf() has neither a program nor its packages, if that needs Deno", () => {
  const { bin, dependencies, sideEffects } = manifestOf({ ...options, program: null });
  assert.equal(bin, undefined);
  assert.ok(!("citty" in (dependencies as object)));
  assert.deepEqual(sideEffects, ["./mod.js", "./src/platform/symbols.js"]);
});

Deno.test("manifestOf() refuses a package that deno.json has no version of", () => {
  const needs = [{ entry: ".", packages: ["left-pad"] }];
  assert.throws(() => manifestOf({ ...options, needs }), /no version of left-pad/);
  const imports = { "a": "jsr:@a/a@1" };
  assert.throws(() => manifestOf({ ...options, deno: { ...deno, imports } }), /expected npm:NAME@VERSION/);
});
