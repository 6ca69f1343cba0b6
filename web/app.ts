/**
 * The product's page, started: for one who watches, as an invitation's link says, or for one who holds shares.
 * @module
 */
import { createNode } from "../mod.ts";
import { connecting } from "./node/connect.ts";
import { saysMissing } from "./floor.ts";
import { startHolder } from "./holder/app.tsx";
import { readLink } from "./holder/fragment.ts";
import { start } from "./main.tsx";

const root = document.querySelector("#app")!;
const connect = connecting(async (options) => ({ node: await createNode(options), demo: null }));
const link = readLink(location.hash);
const watches = link?.wish === "watch";
if (!await saysMissing(root, { keeps: !watches })) {
  if (watches) await start(root, connect);
  else startHolder(root, link, () => void start(root, connect));
}
