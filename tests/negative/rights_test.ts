import assert from "node:assert/strict";
import type { FailureCode } from "../../mod.ts";
import type { Command } from "../../src/cluster/records/command.ts";
import type { Right } from "../../src/cluster/records/rights.ts";
import { withAdmin } from "./asker.ts";
import { assertWorks } from "./honest.ts";
import { item } from "../sim/item.ts";
import { codeOf, commandOf, inPlaceOf, type RawPeer } from "./raw_peer.ts";
import { hello, Scene } from "./scene.ts";

/** Everyone but alice may do exactly one thing. */
const apart: Readonly<Record<string, readonly Right[]>> = {
  alice: ["holder", "initiator", "manager"],
  bob: ["holder"],
  iris: ["initiator"],
  mia: ["manager"],
  olga: ["observer"],
};
const people = { names: ["alice", "bob"], consoles: ["iris", "mia", "olga"], rights: apart, threshold: 2 };
const wallet = { wallet: "treasury", scheme: "ed25519" } as const;

/** Sends alice a command as `by` signs it; gives the code of its result. */
async function commanded(scene: Scene, by: RawPeer, changes: Partial<Command>): Promise<FailureCode | null> {
  const signs = changes.kind === "sign";
  const items = signs ? [item({ message: hello })] : [];
  const command = await commandOf(
    scene,
    by.identity,
    signs ? { ...changes, items, members: [], threshold: 0 } : changes,
  );
  const code = await codeOf(scene, by, command, { items });
  assert.ok(code !== "ended" && code !== "broken" && code !== "nothing", `expected a result, found ${code}`);
  return code;
}

Deno.test("Rights are apart: no right of one kind carries a command of another, for whoever signs it", async () => {
  await using scene = await Scene.start(people);
  const may: Record<string, readonly Command["kind"][]> = {
    iris: ["sign"],
    mia: ["generate"],
    olga: [],
    bob: [],
  };
  for (const [name, kinds] of Object.entries(may)) {
    const raw = await inPlaceOf(scene, name);
    for (const kind of ["generate", "sign"] as const) {
      const given = await commanded(scene, raw, {
        kind,
        wallet: kind === "sign" ? "treasury" : `of ${name}`,
      });
      assert.equal(given, kinds.includes(kind) ? null : "not-authorized", `${name}: ${kind}`);
    }
    await raw.network.stop();
  }
});

Deno.test("generateKey() and sign() say which right is missing, before anything is sent", async () => {
  await using scene = await Scene.start(people);
  const said = (name: string, what: () => unknown): string => {
    try {
      what();
      return `${name} may`;
    } catch (error) {
      assert.ok(error instanceof Error && error.name === "InputError");
      return error.message;
    }
  };
  const makes = (name: string) =>
    said(name, () => scene.node(name).generateKey({ ...wallet, wallet: "more", threshold: 2 }).cancel());
  const signs = (name: string) =>
    said(name, () => scene.node(name).sign({ ...wallet, message: hello }).cancel());
  const missing = (right: string, found: string) =>
    `identity: expected the right “${right}” in the roster, found ${found}`;
  assert.deepEqual(["bob", "iris", "mia", "olga"].map(makes), [
    missing("manager", "“holder”"),
    missing("manager", "“initiator”"),
    "mia may",
    missing("manager", "“observer”"),
  ]);
  await scene.clock.pass(1_000);
  assert.deepEqual(["bob", "iris", "mia", "olga"].map(signs), [
    missing("initiator", "“holder”"),
    "iris may",
    missing("initiator", "“manager”"),
    missing("initiator", "“observer”"),
  ]);
  await scene.clock.pass(60_000);
  await assertWorks(scene);
});

Deno.test("invite() gives the right to hold shares, and no other, unless it is told more", async () => {
  await using scene = await Scene.start(withAdmin);
  const alice = scene.node("alice");
  alice.invite();
  alice.invite({ uses: 2 });
  assert.deepEqual(alice.invites().map(({ rights, approval }) => [rights, approval]), [
    [["holder"], true],
    [["holder"], true],
  ]);
});
