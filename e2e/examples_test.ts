/** The examples that are programs: each runs as it stands in `docs/examples/`, against a cluster of three. */
import { ed25519 } from "@noble/curves/ed25519.js";
import { Transaction } from "@scure/btc-signer";
import { address, getAddressEncoder, type SignatureBytes, verifySignature } from "@solana/kit";
import * as bitcoin from "bitcoinjs-lib";
import { Buffer } from "node:buffer";
import { verifyEvent } from "nostr-tools/pure";
import { Webhook } from "standardwebhooks";
import * as libsecp256k1 from "tiny-secp256k1";
import { verifyMessage } from "viem";
import assert from "node:assert/strict";
import { type ApprovalRequest, ethereumAddress, solanaAddress } from "../mod.ts";
import { type JsonItem, requestJson } from "../src/cli/approval/request_json.ts";
import { exampleFolder, Holders } from "./examples.ts";
import { poll } from "./killed_process.ts";

const sanitizers = { sanitizeOps: false, sanitizeResources: false } as const; // processes and workers
const hex = Uint8Array.fromHex;

Deno.test({
  name:
    "examples: an HTTP service signs for its callers, once for each id, and says what failed; four libraries are signed for; a webhook decides",
  ...sanitizers,
  async fn(test) {
    await using folder = await exampleFolder();

    await test.step(`the HTTP service`, async () => {
      const asked: ApprovalRequest[] = [];
      const approve = (request: ApprovalRequest) => {
        asked.push(request);
        return Promise.resolve(request.note === "no" ? "decline" as const : "accept" as const);
      };
      await using holders = await Holders.start(folder.path, {
        client: "payments",
        schemes: ["ed25519"],
        approve,
      });
      const started = async () => {
        const service = await folder.start("http-service/service.ts", { PORT: "0" });
        const { port } = JSON.parse(await service.line());
        const post = async (body: string) => {
          const response = await fetch(`http://127.0.0.1:${port}/`, { method: "POST", body });
          return { status: response.status, body: await response.json() };
        };
        return { ...service, post };
      };
      await using service = await started();
      const { post } = service;
      const message = new TextEncoder().encode("hello threshold");
      const request = { wallet: "treasury", scheme: "ed25519", message: message.toHex() };
      const asking = (more: object) => JSON.stringify({ ...request, ...more });

      const id = "00112233445566778899aabbccddeeff";
      const whole = asking({ id, note: "invoice 17" });
      const first = { status: 0, body: {} as Record<string, string> };
      await poll("the service knows the key", async () => {
        Object.assign(first, await post(whole));
        return first.body.field !== "wallet";
      });
      assert.deepEqual([first.status, first.body.id], [200, id], JSON.stringify(first));
      const { publicKey } = holders.keys.get("ed25519")!;
      assert.ok(ed25519.verify(hex(first.body.signature!), message, publicKey, { zip215: false }));
      assert.equal(first.body.publicKey, publicKey.toHex());
      assert.ok(asked.some(({ id: one, note }) => one === id && note === "invoice 17"));

      // Its caller has lost the answer: nobody is asked again, and it has the same signature.
      const before = asked.length;
      const { status, body } = await post(whole);
      assert.deepEqual([status, body.signature], [200, first.body.signature], JSON.stringify(body));
      assert.equal(asked.length, before);

      const refused = await post(asking({ id: "a1".repeat(16), note: "no" }));
      assert.deepEqual([refused.status, refused.body.code], [502, "declined"]);
      assert.match(refused.body.what, /Alice|Bob|Carol/);
      const wrong = async (body: string) => {
        const { status, body: found } = await post(body);
        return [status, found.field ?? found.error];
      };
      assert.deepEqual(await wrong(asking({ wallet: "other" })), [400, "wallet"]);
      assert.deepEqual(await wrong(asking({ id: "17" })), [400, "id"]);
      assert.deepEqual(await wrong(asking({ scheme: "rsa" })), [400, "scheme"]);
      assert.deepEqual(await wrong("hello"), [400, "expected { id, wallet, scheme, message } in JSON"]);
      assert.deepEqual(await wrong("{}"), [400, "expected { id, wallet, scheme, message } in JSON"]);
      assert.equal(await service.end(), 0);

      // Its next process knows what the one before has asked for.
      await using next = await started();
      const askedSoFar = asked.length;
      const again = { status: 0, body: {} as Record<string, string> };
      await poll("holders that have the outcome are connected", async () => {
        Object.assign(again, await next.post(whole));
        return again.status === 200;
      });
      assert.deepEqual(again, first);
      assert.equal(asked.length, askedSoFar, "and no holder is asked again");
      assert.equal(await next.end(), 0);
    });

    await test.step(`the four signers`, async () => {
      await Deno.remove(`${folder.path}/identity.age`); // the service's
      await using holders = await Holders.start(folder.path, {
        client: "payments",
        schemes: ["ecdsa", "ed25519", "bip340"],
      });
      await using program = await folder.start("signers/signers.ts");
      const { viem, solana, bitcoin: psbt, nostr } = JSON.parse(await program.line());

      assert.equal(viem.address, ethereumAddress(holders.keys.get("ecdsa")!));
      assert.ok(await verifyMessage({ ...viem, message: "log in" }));
      assert.equal(solana.address, solanaAddress(holders.keys.get("ed25519")!));
      const raw = Uint8Array.from(getAddressEncoder().encode(address(solana.address)));
      const publicKey = await crypto.subtle.importKey("raw", raw, "Ed25519", true, ["verify"]);
      const bytes = hex(solana.signature) as SignatureBytes;
      assert.ok(await verifySignature(publicKey, bytes, new TextEncoder().encode("ours")));
      assert.ok(verifyEvent(nostr));
      const signed = bitcoin.Psbt.fromHex(psbt, { network: bitcoin.networks.testnet });
      bitcoin.initEccLib(libsecp256k1);
      const verify = (publicKey: Uint8Array, hash: Uint8Array, signature: Uint8Array) =>
        libsecp256k1.verifySchnorr(hash, publicKey, signature);
      for (const index of [0, 1]) assert.ok(signed.validateSignaturesOfInput(index, verify));
      const transaction = Transaction.fromPSBT(Buffer.from(psbt, "hex"));
      transaction.finalize();
      assert.equal(transaction.outputsLength, 1);
    });

    await test.step(`approval by webhook`, async () => {
      const secret = `whsec_${new Uint8Array(32).fill(7).toBase64()}`;
      const payments = "12D3KooWPayments";
      const env = { PORT: "0", QUORATE_WEBHOOK_SECRET: secret, PAYMENTS_PEER: payments };
      await using approver = await folder.start("webhook/approver.ts", env);
      const { port } = JSON.parse(await approver.line());
      const request: ApprovalRequest = {
        ...{ id: "00112233445566778899aabbccddeeff", kind: "sign", wallet: "treasury", scheme: "ed25519" },
        ...{ initiator: payments, note: "invoice 17", reference: "", party: [payments], expires: Date.now() },
        keyId: "ab".repeat(32),
        items: [{
          ...{ message: new Uint8Array(1), digest: null, hash: null, path: [], options: {} },
          publicKey: new Uint8Array(32),
        }],
      };
      // As a node tells it: a field that is renamed there is missed here.
      const data = requestJson({ request, nameOf: () => "payments" });
      const [item] = data.items as JsonItem[];
      const ask = async (
        about: object,
        { at = new Date(), by = secret, change = (body: string) => body, type = "quorate.approval" } = {},
      ) => {
        const body = JSON.stringify({ type, timestamp: at.toISOString(), data: about });
        const headers = {
          "webhook-id": data.id,
          "webhook-timestamp": String(Math.floor(at.getTime() / 1000)),
          "webhook-signature": new Webhook(by).sign(data.id, at, body),
        };
        const response = await fetch(`http://127.0.0.1:${port}/`, {
          method: "POST",
          headers,
          body: change(body),
        });
        return response.status === 200
          ? await response.json()
          : (await response.body?.cancel(), response.status);
      };
      const [yes, no] = [true, false].map((approve) => ({ approve, id: data.id }));
      assert.deepEqual(await ask(data), yes);
      assert.deepEqual(JSON.parse(await approver.line()), { ...yes, note: "invoice 17" });
      assert.deepEqual(await ask({ ...data, wallet: "savings" }), no);
      assert.deepEqual(await ask({ ...data, kind: "reshare", items: undefined }), no);
      assert.deepEqual(await ask({ ...data, initiator: { peer: payments, name: "the tills" } }), yes);
      assert.deepEqual(await ask({ ...data, initiator: { peer: "12D3KooWMallory", name: "payments" } }), no);
      assert.deepEqual(await ask({ ...data, items: [{ ...item, message: null, digest: "00" }] }), no);
      assert.deepEqual(await ask({ ...data, items: Array(11).fill(item) }), no);

      const other = `whsec_${new Uint8Array(32).fill(8).toBase64()}`;
      assert.equal(await ask(data, { by: other }), 401);
      assert.equal(await ask(data, { at: new Date(Date.now() - 600_000) }), 401);
      assert.equal(await ask(data, { change: (body) => body.replace("savings", "treasury") + " " }), 401);
      assert.equal(await ask(data, { type: "another.event" }), 401);
      assert.equal(await approver.end(), 0);
    });
  },
});
