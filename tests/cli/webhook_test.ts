import assert from "node:assert/strict";
import { Webhook } from "standardwebhooks";
import { webhookApproval, type WebhookDecision, webhookUrl } from "../../src/cli/approval/webhook.ts";
import { webhookSecret } from "../../src/cli/approval/webhook_signature.ts";
import type { SigningRequest } from "../../src/cluster/commands/consent/approval.ts";
import { platformClock } from "../../src/platform/platform.ts";

const shared = `whsec_${"A1b2".repeat(8)}`;
const request: SigningRequest = {
  id: "00112233445566778899aabbccddeeff",
  kind: "sign",
  wallet: "treasury",
  scheme: "ed25519",
  initiator: "12D3KooWalice",
  note: "Rent",
  reference: "7",
  party: ["12D3KooWalice", "12D3KooWbob"],
  expires: 1_800_000_000_000,
  keyId: "ab".repeat(32),
  items: [{
    message: new TextEncoder().encode("pay"),
    digest: null,
    hash: null,
    path: [0, 1],
    options: {},
    publicKey: new Uint8Array(32).fill(7),
  }],
};

type Answer = (request: Request, url: URL) => Response | Promise<Response>;

/** A program that answers, and the decisions that were made of its answers. */
async function webhook(answer: Answer, { timeoutMs = 5_000, path = "/?token=t0k3n" } = {}) {
  const decisions: WebhookDecision[] = [];
  const server = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen() {} },
    (request) => answer(request, new URL(request.url)),
  );
  const approve = webhookApproval({
    url: webhookUrl("url", `http://127.0.0.1:${server.addr.port}${path}`),
    secret: await webhookSecret("secret", shared),
    timeoutMs,
    clock: platformClock,
    nameOf: (peer) => peer.slice(8),
    self: "12D3KooWbob",
    decided: (decision) => decisions.push(decision),
  });
  return {
    decisions,
    ask: (signal = new AbortController().signal) => approve(request, { signal }),
    [Symbol.asyncDispose]: () => server.shutdown(),
  };
}

const yes = () => Response.json({ approve: true, id: request.id });

Deno.test("webhookApproval() posts the whole request, signed as Standard Webhooks' own library checks it", async () => {
  let got: unknown;
  await using program = await webhook(async (request, { pathname, search }) => {
    const body = await request.text();
    const headers = Object.fromEntries(request.headers);
    assert.deepEqual([request.method, pathname, search], ["POST", "/", "?token=t0k3n"]);
    assert.equal(headers["content-type"], "application/json");
    got = new Webhook(shared).verify(body, headers);
    assert.throws(() =>
      new Webhook(shared).verify(body.replace("pay", "pat").replace("treasury", "t"), headers)
    );
    assert.throws(() => new Webhook(`whsec_${"A1b3".repeat(8)}`).verify(body, headers));
    assert.throws(() => new Webhook(shared).verify(body, { ...headers, "webhook-timestamp": "1" }));
    assert.equal(headers["webhook-id"], "00112233445566778899aabbccddeeff");
    return yes();
  });
  assert.equal(await program.ask(), "accept");
  const { type, timestamp, data } = got as { type: string; timestamp: string; data: unknown };
  assert.equal(type, "quorate.approval");
  assert.ok(Math.abs(Date.parse(timestamp) - Date.now()) < 60_000);
  assert.deepEqual(data, {
    peer: "12D3KooWbob",
    ...{ id: request.id, kind: "sign", wallet: "treasury", scheme: "ed25519", note: "Rent", reference: "7" },
    initiator: { peer: "12D3KooWalice", name: "alice" },
    party: [{ peer: "12D3KooWalice", name: "alice" }, { peer: "12D3KooWbob", name: "bob" }],
    ...{ expires: request.expires, keyId: request.keyId },
    items: [{
      ...{ message: "706179", digest: null, hash: null, path: [0, 1], options: {} },
      publicKey: "07".repeat(32),
    }],
  });
  assert.deepEqual(program.decisions, [{ id: request.id, decision: "accept" }]);
});

const json = (value: unknown, init?: ResponseInit) => () => Response.json(value, init);
const { id } = request;
const noes: Record<string, [Answer, RegExp]> = {
  "approve: false": [json({ approve: false, id }), /^it said no$/],
  "approve as a word": [json({ approve: "true", id }), /^expected \{ "approve"/],
  "approve as a number": [json({ approve: 1, id }), /^expected \{ "approve"/],
  "no id": [json({ approve: true }), /^expected \{ "approve"/],
  "another command's id": [json({ approve: true, id: "ff".repeat(16) }), /^expected the id of the command/],
  "the id in capitals": [json({ approve: true, id: id.toUpperCase() }), /^expected the id of the command/],
  "an empty answer": [() => new Response(null), /^expected \{ "approve"/],
  "no JSON": [() => new Response("yes"), /^expected \{ "approve"/],
  "a list": [json([{ approve: true, id }]), /^expected \{ "approve"/],
  "a long answer": [json({ approve: true, id, more: "x".repeat(5_000) }), /^expected at most 4096 bytes/],
  "status 201": [json({ approve: true, id }, { status: 201 }), /^expected status 200, found 201$/],
  "status 403": [json({ approve: true, id }, { status: 403 }), /^expected status 200, found 403$/],
  "status 500": [json({ approve: true, id }, { status: 500 }), /^expected status 200, found 500$/],
};
for (const [name, [answer, why]] of Object.entries(noes)) {
  Deno.test(`webhookApproval() takes ${name} for a no`, async () => {
    await using program = await webhook(answer);
    assert.equal(await program.ask(), "decline");
    const [decision] = program.decisions;
    assert.equal(decision!.decision, "decline");
    assert.match(decision!.why!, why);
  });
}

for (const status of [301, 302, 303, 307, 308]) {
  Deno.test(`webhookApproval() does not follow a redirect (${status})`, async () => {
    const asked: string[] = [];
    await using program = await webhook((_request, { pathname, origin }) => {
      asked.push(pathname);
      return pathname === "/yes" ? yes() : Response.redirect(`${origin}/yes`, status);
    });
    assert.equal(await program.ask(), "decline");
    assert.deepEqual(asked, ["/"]);
    assert.equal(program.decisions[0]!.why, `expected status 200, found ${status}`);
  });
}

Deno.test("webhookApproval() waits until its deadline for the beginning of an answer, and for all of it", async () => {
  const begun = (late: Promise<void>) =>
    new ReadableStream({
      async start(body) {
        body.enqueue(new TextEncoder().encode('{ "approve": true, '));
        await late;
        body.close();
      },
    });
  const slow = [
    (late: Promise<void>) => late.then(yes),
    (late: Promise<void>) => new Response(begun(late)),
  ];
  for (const answer of slow) {
    const late = Promise.withResolvers<void>();
    await using program = await webhook(() => answer(late.promise), { timeoutMs: 150 });
    const decision = await program.ask();
    late.resolve(); // before anything can fail, or the server would not end
    assert.equal(decision, "decline");
    assert.deepEqual(program.decisions.map(({ why }) => why), ["no answer within 150 ms"]);
  }
});

Deno.test("webhookApproval() says no where nobody listens, and its reason has no part of the address", async () => {
  const program = await webhook(yes);
  await program[Symbol.asyncDispose]();
  assert.equal(await program.ask(), "decline");
  const [{ why }] = program.decisions as [WebhookDecision];
  assert.match(why!, /^no answer: \w+$/);
  assert.doesNotMatch(JSON.stringify(program.decisions), /t0k3n|127\.0\.0\.1|whsec|A1b2/);
});

Deno.test("webhookApproval() stops when nobody waits any more, and decides nothing", async () => {
  const arrived = Promise.withResolvers<void>();
  const late = Promise.withResolvers<void>();
  await using program = await webhook(async () => (arrived.resolve(), await late.promise, yes()));
  const withdrawn = new AbortController();
  const asked = program.ask(withdrawn.signal);
  await arrived.promise;
  withdrawn.abort();
  assert.equal(await asked, "decline");
  assert.deepEqual(program.decisions, []);
  late.resolve();
});

Deno.test("webhookUrl() takes https, and http on this machine only", () => {
  for (
    const good of [
      ...[
        "https://approve.example/a?b=c",
        "http://localhost:8080/",
        "http://127.0.0.1/",
        "http://127.9.9.9:1/",
      ],
      "http://[::1]:80/x",
    ]
  ) assert.equal(webhookUrl("url", good).href, new URL(good).href);
  for (
    const bad of [
      ...[
        "http://approve.example/",
        "http://127.0.0.1.example/",
        "http://localhost.example/",
        "http://0.0.0.0/",
      ],
      ...[
        "http://10.0.0.1/",
        "http://[::2]/",
        "ftp://localhost/",
        "file:///etc/passwd",
        "approve.example",
        "",
      ],
      ...[
        "https://user@approve.example/",
        "https://user:hunter2@approve.example/",
        "http://localhost@evil.example/",
      ],
    ]
  ) {
    assert.throws(() => webhookUrl("url", bad), (error: Error) => {
      assert.equal(error.name, "InputError", bad);
      assert.match(error.message, /^url: expected /);
      assert.doesNotMatch(error.message, /hunter2/);
      return true;
    });
  }
});

Deno.test("webhookSecret() refuses what is none, short or long, and does not show it", async () => {
  const of = (length: number) => `whsec_${new Uint8Array(length).fill(0xa5).toBase64()}`;
  for (const length of [24, 64]) assert.ok(await webhookSecret("secret", of(length)));
  const cases = [
    "",
    "hunter2",
    "whsec_",
    "whsec_hunter2!",
    of(23),
    of(65),
    of(32).slice(6),
    of(32).toUpperCase(),
  ];
  for (const text of cases) {
    await assert.rejects(webhookSecret("secret", text), (error: Error) => {
      assert.equal(error.name, "InputError");
      assert.match(error.message, /^secret: expected /);
      assert.doesNotMatch(error.message + error.cause, /hunter2|paWl/);
      return true;
    }, text);
  }
});

Deno.test("webhookUrl() takes no http that a proxy could answer", () => {
  const text = "http://127.0.0.1:8080/hook";
  for (const name of ["HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"]) {
    const env = { [name]: "http://proxy:3128" };
    assert.throws(() => webhookUrl("url", text, env), { name: "InputError", field: "url" }, name);
    assert.equal(webhookUrl("url", text, { ...env, NO_PROXY: "localhost, 127.0.0.1" }).href, text);
    assert.equal(webhookUrl("url", "https://example.org/", env).href, "https://example.org/");
    for (const [near, direct] of [[text, "*"], ["http://[::1]:8080/hook", "[::1]"]] as const) {
      assert.throws(
        () => webhookUrl("url", near, { ...env, NO_PROXY: direct }),
        { name: "InputError" },
        direct,
      );
    }
  }
});
