/**
 * What a peer in Deno needs beside `quorate`: key files, a SQLite store, WebSockets that listen.
 * @module
 */
export { createKeyFile, keyFile } from "./identity/key_file.ts";
export { sqliteStore } from "./store/sqlite.ts";
export { webSockets } from "./transport/websocket.deno.ts";
