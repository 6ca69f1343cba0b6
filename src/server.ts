/**
 * The entry point for Deno, Node and Bun, beside `@quorate/quorate`: key files, a SQLite store, WebSockets that listen.
 * @module
 */
import "./platform/polyfills.ts";
import { createKeyFile as create, type KeyFileOptions } from "./identity/key_file.ts";
import { platformRandom } from "./platform/platform.ts";
import type { Identity } from "./ports.ts";

export { keyFile, type KeyFileOptions, type ReadKeyFileOptions } from "./identity/key_file.ts";
export { sqliteStore } from "./store/sqlite.ts";
export { type WebSocketOptions, webSockets } from "./transport/websocket.deno.ts";
export type { OpenedWebRtc, WebRtc } from "./transport/webrtc/webrtc.ts";

/**
 * Makes the two keys of a new peer and writes them to `path`, for its owner alone to read.
 *
 * @throws {InputError} `identity`, if the file exists, which is never overwritten, or cannot be written.
 */
export function createKeyFile(path: string, options: KeyFileOptions = {}): Promise<Identity> {
  return create(path, { ...options, random: platformRandom });
}
