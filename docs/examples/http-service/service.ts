// An HTTP service that asks a cluster, and holds no share itself: a peer with the right `initiator`.
// POST / { id, wallet, scheme, message, note? } → 200 { id, signature, publicKey }; bytes are in hex.
import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import { text } from "node:stream/consumers";
import { createNode, explain, InputError, parseRoster, SessionError } from "@quorate/quorate";
import { keyFile, sqliteStore, webSockets } from "@quorate/quorate/server";

const node = await createNode({
  identity: await keyFile("identity.age"),
  roster: parseRoster(await readFile("roster.json", "utf8")),
  approve: "roster", // nobody asks a peer without a share
  store: sqliteStore("service.db"),
  transport: webSockets({ listen: [] }),
});
const nameOf = (peer: string) => node.peers.get(peer)?.name ?? peer;
const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString("hex");

// The caller keeps the `id`, 32 hex digits: sent again within 28 days, and 100,000 requests, nothing is signed twice.
async function sign(body: string): Promise<object> {
  const { id, wallet, scheme, message, note = "" } = JSON.parse(body);
  const bytes = new Uint8Array(Buffer.from(message, "hex"));
  const signature = await node.sign({ id, wallet, scheme, message: bytes, note }).result;
  return { id, signature: hex(signature.bytes), publicKey: hex(signature.publicKey) };
}

const expected = "expected { id, wallet, scheme, message } in JSON";
function failed(error: unknown): [status: number, body: object] {
  if (error instanceof InputError) return [400, { field: error.field, error: error.message }];
  if (error instanceof SyntaxError || error instanceof TypeError) return [400, { error: expected }];
  if (!(error instanceof SessionError)) return [500, { error: "internal" }];
  return [502, { code: error.code, ...(error.failure && explain(error.failure, nameOf)) }];
}

const server = createServer(async (request, response) => {
  const [status, body] = await text(request).then(sign).then((found) => [200, found] as const, failed);
  response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
});
server.listen(Number(process.env.PORT ?? 8080), "127.0.0.1", () => console.log(JSON.stringify(server.address())));
process.once("SIGTERM", () => server.close(() => node.drain()));
