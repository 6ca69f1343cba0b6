import assert from "node:assert/strict";
import type { Command } from "../../src/cluster/records/command.ts";
import { encodePreimage, readPreimage } from "../../src/cluster/records/preimage.ts";
import { rosterHash } from "../../src/cluster/roster/roster.ts";
import { attemptOf, inviteRecord, sessionOf } from "../../src/session/invite.ts";
import { readSigned, sign } from "../../src/session/signed.ts";
import { acceptOf, commandOf } from "./raw_peer.ts";
import { Scene } from "./scene.ts";

type Invite = ReturnType<typeof inviteRecord.decode>;

Deno.test("readPreimage() wants every signature, the command's coordinator, and the party in its order", async () => {
  await using scene = await Scene.start();
  const identityOf = (name: string) => scene.everyone(name).identity;
  const verify = identityOf("alice");
  const party = scene.inOrder();
  const { roster } = scene.cluster;

  /** As alice coordinates what carol asked for, but for what is changed. */
  async function parts(changes: {
    by?: string;
    command?: Partial<Command>;
    invite?: Partial<Invite>;
    accepts?: readonly string[];
    attempt?: Uint8Array;
  } = {}) {
    const command = await commandOf(scene, identityOf("carol"), changes.command);
    const invite = await sign(identityOf(changes.by ?? "alice"), inviteRecord, {
      command,
      party: party.map((name) => scene.peer(name)),
      rosterVersion: roster.version,
      rosterHash: rosterHash(roster),
      keyId: new Uint8Array(),
      epoch: 0,
      nonce: new Uint8Array(32),
      ...changes.invite,
    });
    const attempt = changes.attempt ?? attemptOf(invite.encoded);
    const accepts: Uint8Array[] = [];
    for (const name of changes.accepts ?? party) {
      accepts.push(await acceptOf(identityOf(name), attempt));
    }
    return { invite: invite.encoded, accepts };
  }
  const read = async (changes: Parameters<typeof parts>[0] = {}) => {
    const { invite, accepts } = await parts(changes);
    return await readPreimage(verify, encodePreimage(invite, accepts));
  };

  const { invite, accepts } = await parts();
  const good = await readPreimage(verify, encodePreimage(invite, accepts));
  assert.ok(good);
  assert.deepEqual(good.session, sessionOf(invite, accepts));
  assert.deepEqual(good.attempt, attemptOf(invite));
  assert.deepEqual([good.initiator, good.command.kind, good.command.threshold], [
    scene.peer("carol"),
    "generate",
    2,
  ]);
  assert.deepEqual(good.party, party.map((name) => scene.peer(name)));

  const peers = party.map((name) => scene.peer(name));
  const bad: [string, Parameters<typeof parts>[0]][] = [
    ["another coordinator", { by: "bob" }],
    ["none of the coordinators", { command: { coordinators: [scene.peer("bob"), scene.peer("carol")] } }],
    ["a party out of order", { invite: { party: peers.toReversed() }, accepts: party.toReversed() }],
    ["a party of two", { invite: { party: peers.slice(1) }, accepts: party.slice(1) }],
    ["one accept too few", { accepts: party.slice(1) }],
    ["one member's accept twice", { accepts: [party[0]!, party[0]!, party[2]!] }],
    ["accepts in another order", { accepts: party.toReversed() }],
    ["accepts of another attempt", { attempt: new Uint8Array(32) }],
    ["a key in a key generation", { invite: { keyId: new Uint8Array(32) } }],
    ["a threshold above the members", { command: { threshold: 4 } }],
    ["another key than the command's", {
      command: { kind: "sign" },
      invite: { keyId: new Uint8Array(32).fill(1), epoch: 1 },
    }],
  ];
  const keyId = new Uint8Array(32);
  const signing = { kind: "sign", keyId, epoch: 1 } as const;
  assert.ok(await read({ command: signing, invite: { keyId, epoch: 1 } }));
  bad.push(["another epoch than the command's", { command: signing, invite: { keyId, epoch: 2 } }]);
  for (const [what, changes] of bad) assert.equal(await read(changes), null, what);

  // Any signature in it that is not good: of the command, of the invite, of each accept.
  const spoilt = (encoded: Uint8Array) => encoded.with(-1, encoded.at(-1)! ^ 1);
  assert.equal(await readPreimage(verify, encodePreimage(spoilt(invite), accepts)), null);
  for (const i of accepts.keys()) {
    assert.equal(
      await readPreimage(verify, encodePreimage(invite, accepts.with(i, spoilt(accepts[i]!)))),
      null,
    );
  }
  const { value } = (await readSigned(verify, inviteRecord, invite))!;
  const unsigned = await parts({ invite: { command: spoilt(value.command) } });
  assert.equal(await readPreimage(verify, encodePreimage(unsigned.invite, unsigned.accepts)), null);
  assert.equal(await readPreimage(verify, new Uint8Array()), null);
});
