import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { bundle } from "../../src/site/bundle.ts";

async function output(args: string[]): Promise<unknown> {
  const { success, stdout } = await new Deno.Command(Deno.execPath(), {
    args,
    cwd: fileURLToPath(new URL("../../", import.meta.url)),
    stderr: "inherit",
  }).output();
  assert.ok(success);
  return JSON.parse(new TextDecoder().decode(stdout));
}

Deno.test("polyfills.ts adds what a browser of the floor lacks, and quotes no digits", async () => {
  const refused = "SyntaxError: Cannot read hex: expected two digits for each byte";
  const program = await Deno.makeTempFile({ suffix: ".js" });
  await Deno.writeFile(program, await bundle(new URL("used_there.ts", import.meta.url)));
  const seen = await output(["run", program]);
  await Deno.remove(program);
  assert.deepEqual(seen, {
    iterable: false,
    symbols: ["symbol", "symbol", "symbol"],
    told: ["disposed"],
    hex: "00ffa0",
    listed: [],
    refusals: [refused, refused, refused, refused],
    items: [1, 2, 3],
  });
});

Deno.test("polyfills.ts changes nothing where nothing is missing", async () => {
  const program = `
    const all = () => [globalThis, Symbol, Uint8Array, Uint8Array.prototype, Function.prototype]
      .map((one) => Object.getOwnPropertyDescriptors(one));
    const before = all();
    await import("./src/platform/polyfills.ts");
    const after = all();
    const changed = before.flatMap((was, i) => {
      const names = new Set([...Reflect.ownKeys(was), ...Reflect.ownKeys(after[i])]);
      return [...names].filter((name) => !Object.is(was[name]?.value, after[i][name]?.value)).map(String);
    });
    console.log(JSON.stringify(changed));
  `;
  assert.deepEqual(await output(["eval", program]), []);
});
