import fc from "fast-check";
import assert from "node:assert/strict";
import { commandRecord } from "../../src/cluster/records/command.ts";
import { presenceRecord } from "../../src/cluster/rollback/presence.ts";
import { resultRecord } from "../../src/cluster/commands/results.ts";
import { type Codec, hash, tagsInUse } from "../../src/crypto/codec.ts";
import { type Cheat, sending, withPayload } from "../../src/demo/cheats/cheat_wire.ts";
import { wrongOpening } from "../../src/demo/cheats/dealer_cheats.ts";
import { generating } from "../../src/protocol/deal_messages.ts";
import { abortRecord, cancelRecord, openRecord } from "../../src/session/control.ts";
import {
  acceptRecord,
  askingRecord,
  consentedRecord,
  declineRecord,
  goRecord,
  inviteRecord,
} from "../../src/session/invite.ts";
import { readSigned, sign } from "../../src/session/signed.ts";
import { seededRandom } from "../sim/cluster.ts";
import { nobleIdentity } from "../sim/identity.ts";
import { Scene } from "./scene.ts";

const none = new Uint8Array();
const [b8, b16, b32] = [8, 16, 32].map((length) => new Uint8Array(length)) as [
  Uint8Array,
  Uint8Array,
  Uint8Array,
];

Deno.test("hash() tells lists apart that are written alike, and never a part from its neighbour", () => {
  const fixtures = [["a$", "b"], ["a", "$b"], ["a$b"], ["a", "b"], ["ab"], ["ab", ""], ["", "ab"], []];
  const hashes = fixtures.map((parts) => hash("t", ...parts).toHex());
  assert.equal(new Set(hashes).size, fixtures.length);
  assert.notEqual(hash("t", "a").toHex(), hash("u", "a").toHex());
  fc.assert(fc.property(fc.array(fc.uint8Array()), fc.array(fc.uint8Array()), (a, b) => {
    const same = a.length === b.length && a.every((part, i) => part.toHex() === b[i]!.toHex());
    assert.equal(hash("t", ...a).toHex() === hash("t", ...b).toHex(), same);
  }));
});

/** One of everything that a peer signs. */
const signable: Record<string, { codec: Codec<unknown>; value: unknown }> = {
  command: {
    codec: commandRecord as Codec<unknown>,
    value: {
      id: b16,
      cluster: "c",
      kind: "sign",
      wallet: "w",
      scheme: "ed25519",
      threshold: 0,
      members: [],
      dealers: [],
      gone: [],
      keyId: b32,
      epoch: 1,
      signers: [],
      itemCount: 1,
      itemsHash: b32,
      note: "",
      reference: "",
      coordinators: ["c"],
      created: 0,
      expires: 1,
    },
  },
  presence: {
    codec: presenceRecord as Codec<unknown>,
    value: {
      peer: "p",
      boot: b8,
      life: 0,
      store: 1,
      generation: 1,
      key: b32,
      time: 0,
      rosterVersion: 1,
      rosterHash: b32,
      links: [],
      locked: false,
    },
  },
  result: {
    codec: resultRecord as Codec<unknown>,
    value: {
      id: b16,
      attempt: none,
      session: none,
      signatures: [],
      certificate: none,
      code: null,
      culprits: [],
      missing: [],
      claims: [],
      spoilt: [],
    },
  },
  invite: {
    codec: inviteRecord as Codec<unknown>,
    value: {
      command: none,
      party: ["a", "b"],
      rosterVersion: 1,
      rosterHash: b32,
      keyId: none,
      epoch: 0,
      nonce: b32,
    },
  },
  accept: {
    codec: acceptRecord as Codec<unknown>,
    value: { attempt: b32, boot: b8, nonce: b32, firstRound: none },
  },
  consented: { codec: consentedRecord as Codec<unknown>, value: { attempt: b32 } },
  go: { codec: goRecord as Codec<unknown>, value: { attempt: b32, accepts: [] } },
  decline: { codec: declineRecord as Codec<unknown>, value: { attempt: b32, code: "declined", peers: [] } },
  asking: { codec: askingRecord as Codec<unknown>, value: { attempt: b32 } },
  open: {
    codec: openRecord as Codec<unknown>,
    value: { kind: "sign", attempt: b32, session: b32, link: b32 },
  },
  cancel: { codec: cancelRecord as Codec<unknown>, value: { id: b16 } },
  abort: {
    codec: abortRecord as Codec<unknown>,
    value: { code: "declined", round: "", peers: [], evidence: [] },
  },
};

Deno.test("readSigned() reads a signature over one type of record as that type's, and as no other's", async () => {
  const identity = await nobleIdentity(seededRandom("signer"));
  for (const [written, { codec, value }] of Object.entries(signable)) {
    const { encoded } = await sign(identity, codec, value);
    for (const [wanted, { codec }] of Object.entries(signable)) {
      assert.equal(
        await readSigned(identity, codec, encoded) !== null,
        written === wanted,
        `${written} as ${wanted}`,
      );
    }
  }
});

Deno.test("record() gives every type a tag of its own, with its version", () => {
  const tags = tagsInUse();
  assert.equal(new Set(tags).size, tags.length);
  for (const tag of tags) assert.match(tag, /\/\d+(\/|$)/, tag);
});

Deno.test("record() decodes nothing but what it would write, and throws nothing but TypeError", () => {
  for (const [name, { codec, value }] of Object.entries(signable)) {
    const encoded = codec.encode(value);
    assert.deepEqual(codec.decode(encoded), value, name);
    const odd = [
      Uint8Array.of(...encoded, 0),
      encoded.slice(0, -1),
      encoded.slice(1),
      Uint8Array.of(0x9f, ...encoded.slice(1), 0xff), // a list without a length
      Uint8Array.of(0x98, encoded[0]! & 31, ...encoded.slice(1)), // its length in a byte too many
    ];
    for (const bytes of odd) assert.throws(() => codec.decode(bytes), TypeError, name);
    fc.assert(fc.property(fc.nat(encoded.length - 1), fc.nat(255), (at, byte) => {
      const changed = encoded.with(at, byte);
      try {
        assert.equal(codec.encode(codec.decode(changed)).toHex(), changed.toHex());
      } catch (error) {
        assert.ok(error instanceof TypeError, String(error));
      }
    }));
  }
  fc.assert(fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
    for (const { codec } of Object.values(signable)) assert.throws(() => codec.decode(bytes), TypeError);
  }));
});

Deno.test("generateKey() sends no share in the clear, and tells of none", async () => {
  const carried: string[] = [];
  await using scene = await Scene.start({
    carry: () => ({ bytes }) => {
      carried.push(bytes.toHex());
      return [{ bytes, afterMs: 0 }];
    },
  });
  const secrets: string[] = [];
  const { codec } = generating.ed25519.rounds.deal;
  const listening: Cheat = {
    ...wrongOpening,
    wrap: (wire) =>
      sending(wire, (said) => {
        if (said.round !== "deal") return [said];
        return [withPayload(said, codec, (deal) => {
          const hex = deal.share.toString(16).padStart(64, "0");
          secrets.push(hex, hex.match(/../g)!.reverse().join(""));
          return deal;
        })];
      }),
  };
  for (const name of scene.names) scene.arm(name, listening);
  const made = await scene.generate();
  assert.ok(made.value);
  assert.equal(secrets.length, 12, "three dealers, two recipients, both orders of bytes");
  const told = JSON.stringify([...scene.cluster.nodes.values()].map(({ events }) => events));
  const stored = (await Promise.all(scene.names.map((name) => scene.rows(name)))).flatMap(Object.values)
    .join();
  for (const secret of secrets) {
    assert.ok(!carried.some((bytes) => bytes.includes(secret)), "on the wire");
    assert.ok(!told.includes(secret) && !stored.includes(secret), "in an event or on disk");
  }
});
