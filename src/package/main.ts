/**
 * `deno task package`: makes the npm package.
 * @module
 */
import { defineCommand, runMain } from "citty";
import { makePackage } from "./package.ts";

const pack = defineCommand({
  meta: { name: "package", description: "Make the npm package as a tarball" },
  args: {
    out: { type: "string", description: "the folder for the tarball", default: "dist" },
  },
  async run({ args: { out } }) {
    const { path, size, unpackedSize, files } = await makePackage(out);
    const kilobytes = (bytes: number) => `${(bytes / 1000).toFixed(1)} kB`;
    console.log(`${path}  ${kilobytes(size)}, ${kilobytes(unpackedSize)} unpacked, ${files} files`);
  },
});

await runMain(pack);
