import assert from "node:assert/strict";
import { graph } from "./graph.ts";

/** The rooms of `src/cluster/`: each imports from itself and from those before it. */
const rooms = ["records", "roster", "events", "rollback", "links", "keys", "commands"];

/** The room of a module, `""` for what stands before all of them; undefined outside `src/cluster/`. */
const roomOf = (path: string) =>
  /^src\/cluster\/(?:(\w+)\/(?:\w+\/)*)?\w+\.ts$/.exec(path)?.slice(1).map((room) => room ?? "")[0];

Deno.test("layers: inside cluster/ imports, also of types, go one way", async () => {
  const wrong: string[] = [];
  const found = new Set<string>();
  for (const { path, imports } of (await graph()).values()) {
    const room = roomOf(path);
    if (room === undefined) continue;
    assert.ok(room === "" || rooms.includes(room), `${path} is in no room`);
    found.add(room);
    for (const to of imports) {
      const other = roomOf(to);
      if (other !== undefined && rooms.indexOf(other) > rooms.indexOf(room)) {
        wrong.push(`${path} imports ${to}`);
      }
    }
  }
  assert.deepEqual(wrong, []);
  assert.deepEqual([...found].sort(), ["", ...rooms].sort());
});
