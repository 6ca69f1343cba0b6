import assert from "node:assert/strict";
import { parse } from "acorn";
import { bundle, floor } from "../../src/site/bundle.ts";
import { buildSite } from "../../src/site/site.ts";

/** The oldest language that all of the floor has, spelled here once more: the bundler's own setting is on trial. */
const parses = (script: string) => parse(script, { ecmaVersion: 2022, sourceType: "module" });

Deno.test("the pages and their worker are written in a language that every browser of the floor parses", async () => {
  const sites = await Promise.all([
    buildSite({ page: "index.html", program: "app.ts" }),
    buildSite({ page: "demo/index.html", program: "demo/app.ts", holds: false }),
  ]);
  const scripts = sites.flatMap((site) => [...site].filter(([name]) => name.endsWith(".js")));
  assert.deepEqual(scripts.map(([name]) => name.split(".")[0]), ["app", "vault", "strength", "app"]);
  for (const [name, content] of scripts) {
    const script = new TextDecoder().decode(content);
    assert.doesNotThrow(() => parses(script), name);
    // A regular expression in newer syntax parses nowhere: the bundler makes a string of it, which fails as it runs.
    for (const [made, flags] of script.matchAll(/RegExp\("(?:[^"\\]|\\.)*",\s*"([a-z]*)"\)/g)) {
      assert.doesNotMatch(flags!, /v/, `${name}: ${made}`);
    }
  }
});

Deno.test("what is newer does not parse, so that the test above can fail", () => {
  for (
    const newer of ["{ using x = null; }", "/[a--b]/v", "/(?i:a)/", 'import a from "a" with { type: "b" }']
  ) {
    assert.throws(() => parses(newer), SyntaxError, newer);
  }
});

Deno.test("bundle() makes older language of what is newer", async () => {
  const file = await Deno.makeTempFile({ suffix: ".ts" });
  try {
    await Deno.writeTextFile(file, "using lock = globalThis.lock();\nconsole.log(lock);\n");
    const script = new TextDecoder().decode(await bundle(new URL(`file://${file}`)));
    assert.doesNotThrow(() => parses(script));
    assert.match(script, /"dispose"/);
  } finally {
    await Deno.remove(file);
  }
});

Deno.test("README and the page's own words name the browsers that the bundler aims at", async () => {
  const names: Record<string, string> = { safari: "Safari", firefox: "Firefox", chrome: "Chrome" };
  for (const path of ["README.md", "web/floor.ts", "web/index.html", "web/demo/index.html"]) {
    const text = await Deno.readTextFile(new URL(`../../${path}`, import.meta.url));
    for (const one of floor) {
      const [, name, version] = /^([a-z]+)([\d.]+)$/.exec(one)!;
      const said = new RegExp(
        `${names[name!]}(?: ESR| or Edge)? ${version!.replace(".", "\\.")}`,
      );
      assert.match(text, said, `${path}: ${one}`);
    }
  }
});
