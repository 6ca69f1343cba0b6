// A program that decides whether a holder takes part in a command. The holder's node.json names it:
//   "approve": { "webhook": { "url": "http://127.0.0.1:8090/", "secret": "env:QUORATE_WEBHOOK_SECRET" } }
// A request is signed as Standard Webhooks has it; only { approve: true } with the command's own id is a yes.
import { createServer } from "node:http";
import { text } from "node:stream/consumers";
import { Webhook } from "standardwebhooks";

interface Asked {
  id: string;
  kind: "sign" | "generate" | "reshare";
  wallet: string;
  initiator: { peer: string; name: string };
  note: string;
  items?: { message: string | null; digest: string | null }[];
}

/** The payments service, by its peer id: a name is chosen by whoever joins, and says nothing about who it is. */
const payments = process.env.PAYMENTS_PEER;

/** The rule, which is yours to write: here small batches of the payments service, whose messages can be read. */
function approves({ kind, wallet, initiator, items = [] }: Asked): boolean {
  if (kind !== "sign" || wallet !== "treasury" || initiator.peer !== payments) return false;
  return items.length <= 10 && items.every(({ message }) => message !== null);
}

const webhook = new Webhook(process.env.QUORATE_WEBHOOK_SECRET!);

/** Reads a request: whose signature is wrong, or older than five minutes, is nobody's. */
function read(body: string, headers: Record<string, string>): Asked | null {
  try {
    const { type, data } = webhook.verify(body, headers) as { type: string; data: Asked };
    return type === "quorate.approval" ? data : null;
  } catch {
    return null;
  }
}

const server = createServer(async (request, response) => {
  const asked = read(await text(request), request.headers as Record<string, string>);
  if (asked === null) return void response.writeHead(401).end();
  const answer = { approve: approves(asked), id: asked.id };
  console.log(JSON.stringify({ ...answer, note: asked.note }));
  response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(answer));
});
server.listen(Number(process.env.PORT ?? 8090), "127.0.0.1", () => console.log(JSON.stringify(server.address())));
process.once("SIGTERM", () => server.close());
