import assert from "node:assert/strict";
import { pathToFileURL } from "node:url";
import { bundle } from "../../src/site/bundle.ts";
import { buildSite, gzipped } from "../../src/site/site.ts";

/**
 * What the page may weigh, compressed, bytes: what it weighed when batches and dealing came (492,000), 5,000 for the
 * node's part of resharings and 7,000 for the page's (two forms, the card of an approval, the epochs of a key, and the
 * advice of failures), 1,500 for the ids of sentences and the kinds of wrong input, which programs read, 500 for
 * what a tab ends itself (its freezes, paused resharings, quarantines) and the refusals in a consent, 500 for
 * Solana's and testnet's addresses, 5,500 for ids that are asked again, outcomes and takeover, 1,500 for the questions that keep one command from being
 * signed twice in a split network, 1,000 for turns that are given again, the room of each initiator and cancels that are heard,
 * and little more; and what is fetched only when somebody chooses a passphrase.
 */
const budget = 518_500;
const later = 260_000;

Deno.test("bundle() bundles a program in a folder whose name has blanks and more than ASCII", async () => {
  const dir = await Deno.makeTempDir({ prefix: "a b ü %41 " });
  try {
    await Deno.writeTextFile(
      `${dir}/one two.ts`,
      'import { said } from "./said é.ts";\nconsole.log(said);\n',
    );
    await Deno.writeTextFile(`${dir}/said é.ts`, 'export const said = "heard";\n');
    const script = new TextDecoder().decode(await bundle(pathToFileURL(`${dir}/one two.ts`)));
    assert.match(script, /heard/);
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
});

Deno.test("buildSite() names each file after its content, and the page names each of them once", async () => {
  const site = await buildSite({ page: "index.html", program: "app.ts" });
  const page = new TextDecoder().decode(site.get("index.html"));
  const others = [...site.keys()].filter((name) => name !== "index.html");
  assert.equal(others.length, 5);
  for (const name of others) {
    assert.match(name, /^\w+\.[0-9a-f]{16}\.(js|css|svg)$/);
    assert.equal(page.split(`"./${name}"`).length, 2, name);
  }
  const script = new TextDecoder().decode(site.get(others.find((name) => name.startsWith("app."))!));
  const { version } = JSON.parse(await Deno.readTextFile(new URL("../../deno.json", import.meta.url)));
  assert.ok(script.includes(`"${version}"`) && !script.includes("unbuilt"), "it says its version");
  assert.doesNotMatch(page, /https?:\/\//, "it names no other host");
});

Deno.test("buildSite() makes a page within its budget", async () => {
  const site = await buildSite({ page: "index.html", program: "app.ts" });
  const weight = async (part: (name: string) => boolean) => {
    const sizes = await Promise.all(
      [...site].filter(([name]) => part(name)).map(([, file]) => gzipped(file)),
    );
    return sizes.reduce((sum, bytes) => sum + bytes, 0);
  };
  const isLater = (name: string) => name.startsWith("strength.");
  const total = await weight((name) => !isLater(name));
  assert.ok(await weight(isLater) <= later, "what measures passphrases");
  assert.ok(total <= budget, `expected at most ${budget} bytes, found ${total}`);
  assert.ok(total > budget / 2, `expected a budget that means something, found ${total} bytes of ${budget}`);
});
