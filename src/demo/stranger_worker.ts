/**
 * The stranger in a thread of its own, so that forging the frames costs the flooded peer no time.
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
