/**
 * A stranger as a process of its own: forges frames at one peer, and says how many it sent.
 * @module
 */
import { parseArgs } from "node:util";
import { forgeFrames } from "../../src/demo/stranger.ts";
import { webSockets } from "../../src/transport/websocket.deno.ts";

const { values: { peer, address, count } } = parseArgs({
  options: { peer: { type: "string" }, address: { type: "string" }, count: { type: "string" } },
});
const victim = { peer: peer!, addresses: [address!] };
console.log(await forgeFrames(webSockets({ listen: [] }), [victim], Number(count)));
