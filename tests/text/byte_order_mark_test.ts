import assert from "node:assert/strict";
import * as v from "valibot";
import { formatRoster, parseRoster, signRoster } from "../../mod.ts";
import { readJson, readText } from "../../src/cli/files.ts";
import { newIdentity } from "../../src/identity/identity.ts";
import { platformRandom } from "../../src/platform/platform.ts";
import { withoutMark } from "../../src/text/byte_order_mark.ts";

const windows = (text: string) => `\ufeff${text.replaceAll("\n", "\r\n")}`;

Deno.test("withoutMark() takes one byte order mark from before a text, and nothing else", () => {
  assert.deepEqual(["\ufefftext", "text", "te\ufeffxt", "\ufeff\ufefftext", ""].map(withoutMark), [
    "text",
    "text",
    "te\ufeffxt",
    "\ufefftext",
    "",
  ]);
});

Deno.test("parseRoster() reads a roster that an editor of Windows has saved", async () => {
  const [admin, { peer }] = [await newIdentity(platformRandom), await newIdentity(platformRandom)];
  const roster = await signRoster(admin, [{ peer, name: "Ann", addresses: [], rights: ["holder"] }], null);
  assert.deepEqual(parseRoster(windows(formatRoster(roster))), roster);
});

Deno.test("readJson() and readText() read configurations and lists with a byte order mark", async () => {
  const dir = await Deno.makeTempDir();
  try {
    await Deno.writeTextFile(`${dir}/file`, windows(`{\n "identity": "a" }\n`));
    const read = await readJson("config", `${dir}/file`, v.strictObject({ identity: v.string() }));
    assert.deepEqual(read, { identity: "a" });
    assert.ok((await readText("config", `${dir}/file`)).startsWith("{"));
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
});
