import assert from "node:assert/strict";
import { quorate } from "./program.ts";

Deno.test("quorate outcome says of an id that nobody knows that asking with it is safe, and ends with 1", async () => {
  const dir = await Deno.makeTempDir();
  const made = await quorate("init", dir, "--name", "Alice", "--listen", "/ip4/127.0.0.1/tcp/1/ws");
  assert.equal(made.code, 0, made.sentence);
  const outcome = (...words: string[]) => quorate("outcome", `${dir}/node.json`, ...words);
  const id = "5f0c9a31".repeat(4);
  const unknown = await outcome(id, "--wait", "1");
  assert.deepEqual([unknown.code, unknown.out], [1, ""]);
  assert.match(
    unknown.sentence,
    /^Nobody that is connected knows of it: .* Asking again with this id is safe\.$/m,
  );
  const json = await outcome(id, "--wait", "1", "--json");
  assert.deepEqual([json.code, JSON.parse(json.out)], [1, { id, state: "unknown" }]);
  const short = await outcome("5f0c");
  assert.deepEqual([short.code, short.out, /^id: /.test(short.sentence)], [2, "", true], short.sentence);
  await Deno.remove(dir, { recursive: true });
});
