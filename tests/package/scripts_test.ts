import assert from "node:assert/strict";
import { reachedScripts, usesDeno } from "../../src/package/scripts.ts";

const sources = new Map([
  [
    "mod.js",
    'import "./src/platform/polyfills.ts";\nexport { a } from "./src/a.ts";\nexport * from "./src/b.ts";',
  ],
  ["src/platform/symbols.js", "globalThis.symbols = true;"],
  ["src/a.js", 'export const a = () => new Worker(new URL("./worker.ts", import.meta.url));'],
  ["src/b.js", "export class B { [Symbol.dispose]() {} }"],
  ["src/worker.js", "postMessage(1);"],
  ["src/unused.js", ""],
]);

Deno.test("reachedScripts() has workers too, and nothing unused; a bundler keeps what has effects", () => {
  const { files, withEffects } = reachedScripts(sources, ["mod.js"], new Map());
  assert.deepEqual([...files.keys()].sort(), [
    "mod.js",
    "src/a.js",
    "src/b.js",
    "src/platform/symbols.js",
    "src/worker.js",
  ]);
  assert.deepEqual([...withEffects].sort(), ["src/platform/symbols.js", "src/worker.js"]);
});

Deno.test("reachedScripts() refuses an import of no source", () => {
  const broken = new Map([["mod.js", 'import "./gone.ts";']]);
  assert.throws(() => reachedScripts(broken, ["mod.js"], new Map()), /there is no source of gone\.js/);
});

Deno.test("usesDeno() finds the global, and no property of that name", () => {
  assert.ok(usesDeno("Deno.exit();") && usesDeno("const { args } = Deno;"));
  assert.ok(!usesDeno("runtimes.Deno.test();") && !usesDeno("// Deno\n'Deno';"));
});
