/**
 * What a peer in Deno needs beside `quorate`: key files, a SQLite store, WebSockets that listen.
 * @module
 */
export { createKeyFile, keyFile, type KeyFileOptions } from "./identity/key_file.ts";
export { sqliteStore } from "./store/sqlite.ts";
export { type WebSocketOptions, webSockets } from "./transport/websocket.deno.ts";
