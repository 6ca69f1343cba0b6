import assert from "node:assert/strict";
import manifest from "../../deno.json" with { type: "json" };

Deno.test("the samples of the type checker import every entry of the package", async () => {
  const samples = await Promise.all(
    ["sample.ts", "sample_optional.ts"].map((name) =>
      Deno.readTextFile(new URL(`programs/${name}`, import.meta.url))
    ),
  );
  const entries = Object.keys(manifest.exports).map((entry) => `"${manifest.name}${entry.slice(1)}"`);
  assert.deepEqual(entries.filter((entry) => !samples.some((sample) => sample.includes(entry))), []);
});
