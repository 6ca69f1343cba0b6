/**
 * The stranger in a thread of its own: what it costs to forge frames is not to be paid by who is flooded with them.
 * @module
 */
import { webSockets } from "../transport/websocket.deno.ts";
import { forgeFrames } from "./stranger.ts";

/** The part of a worker's scope that is used. */
interface Scope {
  onmessage: (event: MessageEvent<{ victims: Parameters<typeof forgeFrames>[1]; count: number }>) => void;
  postMessage(sent: number): void;
}
const scope = globalThis as unknown as Scope;

scope.onmessage = async ({ data: { victims, count } }) => {
  scope.postMessage(await forgeFrames(webSockets({ listen: [] }), victims, count));
};
