import assert from "node:assert/strict";
import manifest from "../../deno.json" with { type: "json" };
import { oldestNode } from "../../src/package/manifest.ts";
import { packedDocument } from "../../src/package/readme.ts";

const readme = await Deno.readTextFile(new URL("../../README.md", import.meta.url));

Deno.test("packedDocument() imports the package, and links to what is in it and on the web", () => {
  const exports = { ".": "./mod.ts", "./server": "./src/server.ts" };
  const has = new Set(["LICENSE", "docs/operating.md"]);
  const text = `import { a } from "./mod.ts";
import { b } from "./src/server.ts"; // in a package: @quorate/quorate/server
[the licence](LICENSE), [failures](docs/failures.md), [one](docs/failures.md#one), [Deno](https://deno.com), [below](#below)
![A picture](docs/a.png)
`;
  assert.equal(
    packedDocument(text, { path: "README.md", name: "@quorate/quorate", exports, has }),
    `import { a } from "@quorate/quorate";
import { b } from "@quorate/quorate/server";
[the licence](LICENSE), failures, one, [Deno](https://deno.com), [below](#below)

`,
  );
  assert.equal(
    packedDocument("[a](../LICENSE), [b](operating.md#b), [c](wire.md), [d](LICENSE)", {
      path: "docs/signers.md",
      name: "@quorate/quorate",
      exports,
      has,
    }),
    "[a](../LICENSE), [b](operating.md#b), c, d",
  );
});

Deno.test("packedDocument() has no paragraph of the repository, and those of the package", () => {
  const text =
    "One.\n\n<!-- repository -->\nTwo.\n\n## Three\n<!-- end of repository -->\n<!-- package\nFour.\n-->\n\nFive.\n";
  const of = { path: "README.md", name: "a", exports: {}, has: new Set<string>() };
  assert.equal(packedDocument(text, of), "One.\n\nFour.\n\nFive.\n");
});

Deno.test("the packed README begins with a program for Node, and says nothing of the repository", () => {
  const of = { path: "README.md", name: manifest.name, exports: manifest.exports, has: new Set<string>() };
  const packed = packedDocument(readme, of);
  assert.doesNotMatch(packed, /deno task|not published|<!--|dist\//);
  const [, program] = packed.match(/```ts\n([\s\S]*?)```/)!;
  assert.doesNotMatch(program!, /Deno\.|await using|toHex|\.\.?\/src/);
  assert.ok(packed.indexOf("```ts") < 3_000);
});

Deno.test("README names the versions that deno.json and the package have", () => {
  const { version, imports } = manifest;
  const tarballs = [...readme.matchAll(/quorate-quorate-(\d[\d.]*\d)/g)].map(([, one]) => one);
  assert.deepEqual(tarballs, [version, version]);
  const [, command] = readme.match(/^npm install (@libp2p\/webrtc.*)$/m)!;
  const optional = ["@libp2p/webrtc", "node-datachannel", "@peculiar/x509", "reflect-metadata"] as const;
  assert.deepEqual(command!.split(" "), optional.map((name) => imports[name].slice("npm:".length)));
  assert.ok(readme.includes(`from ${oldestNode.replace(/\.0$/, "")} on`));
});
