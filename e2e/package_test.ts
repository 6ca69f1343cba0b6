/**
 * The npm package, packed and installed into an empty folder: it is all there, it signs in Node 22 and out of a bundle, and a
 * program that uses a part of it stays small.
 * @module
 */
import assert from "node:assert/strict";
import { dirname, join } from "node:path";
import { budgets, sizeOf } from "../tests/package/budgets.ts";
import { installed, nodeIn, nodePackage, packed } from "../tests/package/project.ts";
import { signInBundle, signInMemory, signInNode } from "../tests/package/scenes.ts";
import { Holders } from "./examples.ts";
import { firstSignature } from "./first_signature.ts";
import { freePort } from "./folders.ts";
import manifest from "../deno.json" with { type: "json" };

Deno.test({
  name: "the packed package signs in Node 22 and out of a bundle, in an empty folder, and keeps its budgets",
  sanitizeOps: false,
  sanitizeResources: false,
  async fn(test) {
    await using tarball = await packed();
    const esbuild = manifest.imports.esbuild.slice("npm:".length);
    await using project = await installed(tarball.tarball, esbuild, `${nodePackage}@22`);
    const root = `${project.folder}/node_modules/${manifest.name}`;
    const files = await filesOf(root);

    await test.step("it has its entries with their types and its version, and no test, page or picture", async () => {
      const packed = JSON.parse(await Deno.readTextFile(`${root}/package.json`));
      assert.equal(packed.version, manifest.version);
      for (const entry of Object.keys(manifest.exports)) {
        for (const path of Object.values(packed.exports[entry])) {
          assert.ok(files.includes(String(path).slice(2)), entry);
        }
      }
      const odd = files.filter((path) =>
        !/^(src\/.*|mod)(\.js|\.d\.ts)$|^(package|node\.schema)\.json$|^[A-Z]+(\.md)?$|^docs\/\w+\.md$/.test(
          path,
        )
      );
      assert.ok(files.includes("node.schema.json"), "editors find the schema of node.json");
      assert.deepEqual(odd, []);
      assert.deepEqual(
        files.filter((path) => /test|demo|site|package\//.test(path) && !/^src\/testing/.test(path)),
        [],
      );
    });
    await test.step("its documents link to nothing that it lacks", async () => {
      const documents = files.filter((path) => path.endsWith(".md"));
      for (const path of ["README.md", "docs/operating.md", "docs/signers.md"]) {
        assert.ok(documents.includes(path), path);
      }
      for (const document of documents) {
        const text = await Deno.readTextFile(`${root}/${document}`);
        assert.doesNotMatch(text, /from "\.\.?\//, document);
        const links = [...text.matchAll(/\]\((?!\w+:|#)([^)#]+)/g)].map(([, path]) =>
          join(dirname(document), path!)
        );
        assert.deepEqual(links.filter((path) => !files.includes(path)), [], document);
      }
    });
    await test.step("holders and a client sign in Node 22", () => signInNode(project));
    await test.step("a cluster of ./testing signs in Node 22", () => signInMemory(project));
    await test.step("the first program of its README signs in Node 22", async () => {
      await project.add("readme/alice/empty", "");
      const place = `${project.folder}/readme`;
      await using _ = await Holders.start(`${place}/alice`, { client: "service", schemes: ["ed25519"] });
      await Deno.rename(`${place}/alice/roster.json`, `${place}/roster.json`);
      const [, program] = (await Deno.readTextFile(`${root}/README.md`)).match(/```ts\n([\s\S]*?)```/)!;
      await project.add("readme/program.ts", program!.replace("tcp/4001", `tcp/${await freePort()}`));
      await project.add("readme/run.js", 'process.chdir("readme"); await import("./program.ts");');
      assert.match(await project.run(nodeIn(project), ["readme/run.js"]), /^[0-9a-f]{128}\n$/);
    });
    await test.step("npx quorate leads from nothing to a signature by the README, in Node 22", async () => {
      await project.add("terminals/version.js", "console.log(process.version);");
      const cwd = `${project.folder}/terminals`;
      const env = { PATH: `${dirname(nodeIn(project))}:${Deno.env.get("PATH")}` };
      assert.match(
        await project.run("node", ["terminals/version.js"], env),
        /^v22\./,
        "the Node that npx finds",
      );
      const npx = { program: "npx", before: ["--no-install", "quorate"], cwd, env };
      console.log(`the first signature by npx after ${(await firstSignature(npx)).toFixed(1)} s`);
    });
    await test.step("they sign out of a bundle of esbuild's", () => signInBundle(project));
    for (const budget of budgets) {
      await test.step(`${budget.name}: at most ${budget.most / 1000} kB, compressed`, async () => {
        const size = await sizeOf(project, budget);
        assert.ok(size <= budget.most, `${size} bytes`);
        assert.ok(size > budget.most * 0.8, `${size} bytes: the budget is to be lowered`);
      });
    }
  },
});

/** The paths of all files in a folder. */
async function filesOf(folder: string, within = ""): Promise<string[]> {
  const found: string[] = [];
  for await (const { name, isDirectory } of Deno.readDir(`${folder}/${within}`)) {
    const path = within + name;
    found.push(...isDirectory ? await filesOf(folder, `${path}/`) : [path]);
  }
  return found;
}
