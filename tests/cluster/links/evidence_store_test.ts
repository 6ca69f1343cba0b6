import assert from "node:assert/strict";
import { evidenceFetcher } from "../../../src/cluster/links/evidence_fetch.ts";
import { evidenceHash, evidenceRecord, EvidenceStore } from "../../../src/cluster/links/evidence_store.ts";
import { evidencePart } from "../../../src/cluster/roster/sync_question.ts";
import { maxCertificate } from "../../../src/keystore/key_certificate.ts";
import {
  evidenceBytes,
  evidenceFetches,
  evidenceKept,
  maxEvidence,
  maxItems,
  maxParties,
  maxPreimage,
  maxSessionMessage,
  maxShown,
  maxShownItems,
} from "../../../src/limits.ts";
import { frostSuites, signingFrost } from "../../../src/protocol/sign_frost_messages.ts";
import { messageRecord } from "../../../src/session/echo.ts";
import { encodeEnvelope } from "../../../src/session/envelope.ts";
import { allOrNone } from "../../../src/session/shown.ts";

const piece = (n: number, length = 8) => new Uint8Array(length).fill(n % 256).with(0, n >> 8);

Deno.test("EvidenceStore keeps the newest pieces, within a number and a size", () => {
  const store = new EvidenceStore();
  const hashes = Array.from({ length: evidenceKept + 2 }, (_, n) => store.add(piece(n), null));
  assert.deepEqual(hashes.map((hash) => store.get(hash) !== undefined).indexOf(true), 2);
  assert.equal(store.add(piece(5), null), hashes[5], "twice the same is one");
  assert.ok(store.get(hashes[2]!));
  const large = Array.from({ length: 40 }, (_, n) => store.add(piece(n, maxEvidence), null));
  const kept = large.filter((hash) => store.get(hash) !== undefined);
  assert.deepEqual(kept, large.slice(-evidenceBytes / maxEvidence));
  assert.equal(store.get(store.add(piece(1, maxEvidence + 1), null)), undefined, "too large");
});

const filled = (length: number) => new Uint8Array(length).fill(255);
/** Evidence with the longest preimage and certificate. */
const around = (shown: readonly Uint8Array[]) =>
  evidenceRecord.encode({
    preimage: filled(maxPreimage),
    certificate: filled(maxCertificate),
    shown: [...shown],
  });

Deno.test("evidence is decoded and kept, whatever messages it may show", () => {
  const store = new EvidenceStore();
  const each = Math.floor(maxShown / maxShownItems);
  for (
    const messages of [
      [filled(maxShown)],
      Array<Uint8Array>(maxShownItems).fill(filled(each)),
      [filled(maxSessionMessage(1)), filled(maxSessionMessage(1))],
    ]
  ) {
    const encoded = around(allOrNone(messages)!);
    assert.equal(evidenceRecord.decode(encoded).shown.length, messages.length);
    assert.ok(store.get(store.add(encoded, null)) !== undefined, `${encoded.length} bytes`);
  }
  assert.equal(maxEvidence % evidencePart, 0);
});

for (const [scheme, suite] of Object.entries(frostSuites)) {
  Deno.test(`evidence has room for what every signer of the largest batch has said, in ${scheme}`, () => {
    const { rounds: { commit, share } } = signingFrost(suite, maxItems);
    const point = filled(suite.group.elementLength);
    const payloads = {
      commit: commit.codec.encode(Array(maxItems).fill({ hiding: point, binding: point })),
      share: share.codec.encode(Array(maxItems).fill(filled(32))),
    };
    const said = Object.entries(payloads).map(([round, payload]) =>
      encodeEnvelope({
        session: filled(32),
        round,
        from: "1".repeat(52),
        to: "*",
        body: messageRecord.encode({ payload, echo: [] }),
        signature: filled(64),
      })
    );
    const all = Array.from({ length: maxParties }, () => said).flat();
    assert.ok(allOrNone(all) !== null, `${all.reduce((sum, { length }) => sum + length, 0)} bytes`);
    assert.ok(around(all).length <= maxEvidence);
  });
}

Deno.test("evidenceFetcher() takes nothing but what was named, keeps it, and asks for a few things at a time", async () => {
  const own = new EvidenceStore();
  const here = own.add(piece(1), null);
  const wanted = evidenceHash(piece(2));
  const asked: string[] = [];
  let answer: Promise<Uint8Array | null> = Promise.resolve(piece(3));
  const find = evidenceFetcher({
    own,
    fetched: new EvidenceStore(),
    ask: (peer, hash) => {
      asked.push(`${peer} ${hash.slice(0, 4)}`);
      return answer;
    },
  });
  assert.equal(await find({ peer: "bob" }), null);
  assert.deepEqual(await find({ peer: "bob", evidence: here }), piece(1));
  assert.deepEqual(asked, []);
  assert.equal(await find({ peer: "bob", evidence: wanted }), null, "another piece than was named");
  answer = Promise.resolve(piece(2));
  assert.deepEqual(await find({ peer: "bob", evidence: wanted }), piece(2));
  assert.deepEqual(await find({ peer: "bob", evidence: wanted }), piece(2));
  assert.equal(asked.length, 2, "what is here is not asked for again");
  const late = Promise.withResolvers<null>();
  answer = late.promise;
  const all = Array.from(
    { length: evidenceFetches + 1 },
    (_, n) => find({ peer: "bob", evidence: evidenceHash(piece(100 + n)) }),
  );
  all.push(find({ peer: "bob", evidence: evidenceHash(piece(100)) }));
  assert.equal(await all[evidenceFetches], null, "too many at once");
  assert.equal(asked.length, 2 + evidenceFetches);
  late.resolve(null);
  assert.deepEqual(await Promise.all(all), all.map(() => null));
});
