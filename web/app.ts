/**
 * The product's page, started.
 * @module
 */
import { createNode } from "../mod.ts";
import { connecting } from "./connect.ts";
import { start } from "./main.tsx";

const connect = connecting(async (options) => ({ node: await createNode(options), demo: null }));
await start(document.querySelector("#app")!, connect);
