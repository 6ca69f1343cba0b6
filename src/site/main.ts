/**
 * `deno task build`: writes the page as a static site.
 * @module
 */
import { mkdir, rm, writeFile } from "node:fs/promises";
import { defineCommand, runMain } from "citty";
import { buildSite, gzipped } from "./site.ts";

const build = defineCommand({
  meta: { name: "build", description: "Writes the page as files for any static host" },
  args: {
    out: { type: "string", description: "the folder to write; what is in it is removed", default: "dist" },
  },
  async run({ args: { out } }) {
    const files = await buildSite({ page: "index.html", program: "app.ts" });
    await rm(out, { recursive: true, force: true });
    await mkdir(out, { recursive: true });
    let total = 0;
    for (const [name, content] of files) {
      await writeFile(`${out}/${name}`, content);
      const bytes = await gzipped(content);
      total += bytes;
      console.log(`${out}/${name}  ${kilobytes(bytes)}`);
    }
    console.log(`${kilobytes(total)} in all, compressed`);
  },
});

const kilobytes = (bytes: number) => `${(bytes / 1000).toFixed(1)} kB`;

await runMain(build);
