/**
 * A coordinator that collects accepts: two of one attempt, or as many at once as it likes.
 */
import assert from "node:assert/strict";
import { orderRecord } from "../../src/cluster/records/order.ts";
import { protocols } from "../../src/cluster/records/protocols.ts";
import { maxAcceptsPerInviter } from "../../src/limits.ts";
import { acceptRecord, declineRecord, inviteRecord } from "../../src/session/invite.ts";
import { readSigned, sign } from "../../src/session/signed.ts";
import { acceptedBy, attemptBy, type ByHand, inviteTo, streamOf } from "./by_hand.ts";
import { assertWorks } from "./honest.ts";
import { next } from "./raw_peer.ts";
import { hello, Scene } from "./scene.ts";

/** The same command in an invite of its own, with changes. */
async function another(
  scene: Scene,
  coordinator: string,
  { invite }: ByHand,
  changes: Partial<ReturnType<typeof inviteRecord.decode>> = {},
): Promise<Uint8Array> {
  const { identity } = scene.everyone(coordinator);
  const { value } = (await readSigned(identity, inviteRecord, invite))!;
  const nonce = crypto.getRandomValues(new Uint8Array(32));
  return (await sign(identity, inviteRecord, { ...value, nonce, ...changes })).encoded;
}

/** Sends invites, each on a stream of its own, all at once. */
async function inviteAtOnce(scene: Scene, from: string, to: string, invites: readonly Uint8Array[]) {
  const channels = await Promise.all(invites.map(() => streamOf(scene, from, to, protocols.invite)));
  await Promise.all(
    channels.map((channel, i) => channel.send(orderRecord.encode({ signed: invites[i]!, message: hello }))),
  );
  return channels;
}

for (const others of ["declined", "accepted"] as const) {
  Deno.test(`Accepts: who resets the stream of one, sends 1,030 other invites that are ${others}, and the first again, gets no second one`, async () => {
    await using scene = await Scene.start({ threshold: 2 });
    const made = await attemptBy(scene, "carol", ["bob", "carol"]);
    const { channel } = await acceptedBy(scene, "carol", "bob", made);
    channel.abort();
    await scene.clock.pass(1);
    const atOnce = others === "accepted" ? maxAcceptsPerInviter : 103;
    for (let sent = 0; sent < 1_030; sent += atOnce) {
      const changes = others === "accepted" ? {} : { epoch: 9 };
      const invites = await Promise.all(
        Array.from({ length: atOnce }, () => another(scene, "carol", made, changes)),
      );
      const channels = await inviteAtOnce(scene, "carol", "bob", invites);
      const answer = await next(scene, channels[0]!, 1_000);
      const record = others === "accepted" ? acceptRecord : declineRecord;
      assert.ok(
        answer instanceof Uint8Array &&
          await readSigned<unknown>(scene.everyone("bob").identity, record, answer),
      );
      for (const channel of channels) channel.abort();
      await scene.clock.pass(1);
    }
    const { answer } = await inviteTo(scene, "carol", "bob", made);
    assert.equal(answer, "broken");
    const { events, peer } = scene.everyone("bob");
    const warned = events.filter((event) =>
      event.type === "warning" && event.peer === peer && event.code === "replayed-frame" &&
      event.via === scene.peer("carol")
    );
    assert.equal(warned.length, 1);
    await assertWorks(scene);
  });
}

Deno.test("Accepts: of 100 invites of one inviter at once a few are accepted, the others find the node overloaded", async () => {
  await using scene = await Scene.start({ threshold: 2 });
  const made = await attemptBy(scene, "carol", ["bob", "carol"]);
  const invites = await Promise.all(Array.from({ length: 100 }, () => another(scene, "carol", made)));
  const channels = await inviteAtOnce(scene, "carol", "bob", invites);
  const answers = await Promise.all(channels.map((channel) => next(scene, channel, 1_000)));
  const { identity } = scene.everyone("bob");
  const counts: Record<string, number> = {};
  for (const answer of answers) {
    assert.ok(answer instanceof Uint8Array, String(answer));
    const decline = await readSigned(identity, declineRecord, answer);
    const said = decline?.value.code ??
      (await readSigned(identity, acceptRecord, answer) ? "accept" : "none");
    counts[said] = (counts[said] ?? 0) + 1;
  }
  assert.deepEqual(counts, { accept: maxAcceptsPerInviter, overloaded: 100 - maxAcceptsPerInviter });
  // The place of each is free again once it has lapsed.
  await scene.clock.pass(2_500);
  await acceptedBy(scene, "carol", "bob", await attemptBy(scene, "carol", ["bob", "carol"]));
  await assertWorks(scene);
});
