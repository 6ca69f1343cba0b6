import assert from "node:assert/strict";
import { packedReadme } from "../../src/package/readme.ts";

Deno.test("packedReadme() imports the package, and links to what is in it and on the web", () => {
  const exports = { ".": "./mod.ts", "./server": "./src/server.ts" };
  const readme = `import { a } from "./mod.ts";
import { b } from "./src/server.ts";
[the licence](LICENSE), [failures](docs/failures.md), [one](docs/failures.md#one), [Deno](https://deno.com), [below](#below)
![A picture](docs/a.png)
`;
  assert.equal(
    packedReadme(readme, { name: "@quorate/quorate", exports, has: new Set(["LICENSE"]) }),
    `import { a } from "@quorate/quorate";
import { b } from "@quorate/quorate/server";
[the licence](LICENSE), failures, one, [Deno](https://deno.com), [below](#below)

`,
  );
});
