import assert from "node:assert/strict";
import { rewritten } from "../../src/package/rewrite.ts";

const json = new Map([["deno.json", { version: "1.2.3" }]]);
const rewrite = (script: string, path = "src/cluster/a.js") => rewritten(path, script, json);

Deno.test("rewritten() imports scripts instead of TypeScript, however they are imported", () => {
  const script = `import { a } from "./b.ts";
export * from "../c.ts";
export { d } from "@noble/hashes/utils.js";
const e = await import("../webrtc.ts");
const [here, f] = [import.meta.url, new URL("../worker.ts", import.meta.url)];
const g = new URL("../worker.ts", here);
const h = new URL("https://quorate.test/x.ts");
`;
  assert.equal(
    rewrite(script),
    script.replaceAll(/"(\.[^"]*)\.ts"/g, '"$1.js"'),
  );
  assert.match(rewrite(script), /"\.\.\/worker\.js", here/);
});

Deno.test("rewritten() imports no polyfills.ts, and symbols.ts first of all where the symbols are used", () => {
  assert.doesNotMatch(rewrite('import "./src/platform/polyfills.ts";', "mod.js"), /import/);
  assert.doesNotMatch(rewrite('import "./platform/polyfills.ts";', "src/browser.js"), /import/);
  const using = "var __knownSymbol = (name) => Symbol[name]; a[__knownSymbol('dispose')]();";
  for (const script of ["class A { [Symbol.dispose]() {} }", "a = { [Symbol.asyncDispose]: b };", using]) {
    const imported = `import { c } from "./c.ts";\n${script}`;
    assert.match(
      rewrite(imported),
      /^import "\.\.\/\.\.\/src\/platform\/symbols\.js";\nimport \{ c \}/,
      script,
    );
    assert.match(rewrite(script, "mod.js"), /^import "\.\/src\/platform\/symbols\.js";\n/);
  }
  assert.equal(rewrite("a = Symbol.iterator;"), "a = Symbol.iterator;");
});

Deno.test("rewritten() makes a constant of the import of a JSON file it knows, and refuses others", () => {
  const script = 'import deno from "../../deno.json" with { type: "json" };\nexport const v = deno.version;';
  assert.match(rewrite(script), /^const deno = \{"version":"1.2.3"\};\nexport/);
  for (
    const other of [
      'import a from "../deno.json" with { type: "json" };',
      'import * as a from "../../deno.json" with { type: "json" };',
      'const a = await import("../../deno.json", { with: { type: "json" } });',
    ]
  ) {
    assert.throws(() => rewrite(other), /expected a default import of a known file/, other);
  }
});

Deno.test("rewritten() calls hex.ts where a newer Uint8Array has methods, and the result is the same", async () => {
  const script = `export const seen = [
    Uint8Array.fromHex("00ff").toHex(),
    new Uint8Array([1]).subarray(0).toHex().padStart(4, "-"),
    given.none?.bytes.toHex(), given.some?.bytes.toHex() ?? "nothing", given.some.bytes?.toHex(),
    given.call?.(given.some.bytes.toHex()), (await Promise.resolve(given.some.bytes))
      .toHex(),
  ];\n`;
  const text = rewrite(script, "src/a.js");
  assert.match(text, /^import \{[^}]*\} from "\.\.\/src\/platform\/hex\.js";\n/);
  assert.doesNotMatch(text.replaceAll(/\$\w+/g, ""), /toHex\(|fromHex\(/);
  const given = { some: { bytes: new Uint8Array([0xa0]) }, call: (text: string) => `<${text}>` };
  const run = async (code: string): Promise<unknown> => {
    const hex = new URL("../../src/platform/hex.ts", import.meta.url).href;
    const placed = code.replace(/"[^"]*hex\.js"/, JSON.stringify(hex));
    Object.assign(globalThis, { given });
    return (await import(`data:text/javascript,${encodeURIComponent(placed)}`)).seen;
  };
  const expected = ["00ff", "--01", undefined, "a0", "a0", "<a0>", "a0"];
  assert.deepEqual(await run(script), expected);
  assert.deepEqual(await run(text), expected);
});

Deno.test("rewritten() leaves the line above a program in its place", () => {
  const text = rewrite("#!/usr/bin/env node\nconsole.log(bytes.toHex());", "src/a.js");
  assert.match(text, /^#!\/usr\/bin\/env node\nimport \{ toHex as \$toHex \} from .*\nconsole/);
});

Deno.test("rewritten() refuses what the oldest runtimes lack and nothing replaces", () => {
  for (
    const newer of [
      "bytes.toBase64();",
      "texts.map(Uint8Array.fromHex);",
      "bytes?.toHex().length;",
      "const { toHex } = bytes; bytes.setFromHex(text);",
    ]
  ) {
    assert.throws(() => rewrite(newer), /is newer than its runtimes/, newer);
  }
  for (const newer of ["{ using a = b; }", "/[a--b]/v", "/(?i:a)/"]) {
    assert.throws(() => rewrite(newer), SyntaxError, newer);
  }
});
