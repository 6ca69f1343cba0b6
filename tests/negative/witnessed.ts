/**
 * Sessions in which one cheats, with all that the honest signed in them: material for false accusations. Not a test by
 * itself.
 * @module
 */
import assert from "node:assert/strict";
import { evidenceRecord } from "../../src/cluster/links/evidence_store.ts";
import { type Cheat, type Outgoing, sending } from "../../src/demo/cheats/cheat_wire.ts";
import { cheats } from "../../src/demo/cheats/cheats.ts";
import { cheatOf, whispers } from "../../src/demo/cheats/session_cheats.ts";
import type { Failure, Scheme } from "../../src/events.ts";
import type { PeerId } from "../../src/failure.ts";
import type { Envelope, Identity } from "../../src/ports.ts";
import { type ItemInput, schemes } from "../../src/schemes/schemes.ts";
import { signEnvelope } from "../../src/session/envelope.ts";
import { terminalOf } from "./honest.ts";
import { hello, Scene, type Seen } from "./scene.ts";

/** One session, as an honest accuser and the honest others could show it. */
export interface Witnessed {
  what: string;
  /** An honest peer's failure, whose evidence holds. */
  failure: Failure;
  evidence: ReturnType<typeof evidenceRecord.decode>;
  /** What was signed, if anything was. */
  items: readonly ItemInput[] | null;
  /** All that the honest signed, to whomever. */
  honest: readonly Envelope[];
}

/** Says what it is given to say, and has it recorded. */
function recorder(into: { session: Uint8Array; by: PeerId; said: Outgoing }[]): Cheat {
  return {
    ...cheatOf(
      { name: "honest", label: "be honest", expects: { outcome: "success", names: "nobody" } },
      (said) => [
        said,
      ],
    ),
    wrap: (wire, { session }) =>
      sending(wire, (said) => {
        into.push({ session, by: wire.self, said });
        return [said];
      }),
  };
}

/** What was signed: Ed25519 is deterministic, so it is the same bytes. */
async function signed(
  heard: readonly { session: Uint8Array; by: PeerId; said: Outgoing }[],
  identityOf: (peer: PeerId) => Identity,
): Promise<Envelope[]> {
  const envelopes = new Map<string, Envelope>();
  for (const { session, by, said: { to, round, body, audience } } of heard) {
    const unsigned = { session, round, body, to: audience === "all" ? "*" : to };
    const envelope = await signEnvelope(identityOf(by), unsigned);
    envelopes.set(envelope.signature.toHex(), envelope);
  }
  return [...envelopes.values()];
}

/** Says nonsense in one round: the last that all hear, so that everyone has said nearly everything by then. */
const nonsenseIn = (round: string): Cheat =>
  cheatOf({
    name: "nonsense",
    label: "say nonsense",
    expects: { outcome: "failed", code: "malformed-message", names: "culprit" },
  }, (said) => said.round === round ? [{ ...said, body: new Uint8Array(7) }] : [said]);

/** Accepts with nonsense for a first round. */
const nonsenseInAccept: Cheat = {
  ...nonsenseIn("none"),
  firstRound: (_task, honest) => honest.slice(1),
};

/** What is done while one cheats, and what it signs. */
interface Acted {
  act: () => Promise<Seen>;
  items?: readonly ItemInput[];
}

/** Of each protocol of that scheme and threshold: sessions in which bob cheats, in every way that can be proven. */
export async function witness(scheme: Scheme, threshold: 2 | 3): Promise<Witnessed[]> {
  await using scene = await Scene.start({ threshold, scheme });
  const signers = ["alice", "bob", "carol"].slice(0, threshold);
  const heard: Parameters<typeof recorder>[0] = [];
  const identityOf = (peer: PeerId) => scene.everyone(scene.nameOf(peer)).identity;
  const found: Witnessed[] = [];

  async function session(
    what: string,
    cheat: Cheat,
    { act, items }: Acted,
    accuser = "alice",
  ) {
    heard.length = 0;
    for (const name of ["alice", "carol"]) scene.arm(name, recorder(heard));
    scene.arm("bob", cheat);
    const seen = await act();
    for (const adversary of scene.adversaries.values()) adversary.disarm();
    const failure = terminalOf(seen, accuser);
    assert.ok(failure.type === "failed" && failure.evidence, `${what}: ${JSON.stringify(failure)}`);
    assert.deepEqual(failure.culprits, [scene.peer("bob")], what);
    const evidence = evidenceRecord.decode((await scene.evidence(failure))!);
    const honest = await signed(heard, identityOf);
    assert.ok(honest.length > 0, what);
    found.push({
      what: `${what}, ${scheme}, ${threshold} sign`,
      failure,
      evidence,
      items: items ?? null,
      honest,
    });
  }

  const sign = (path: readonly number[], more: Parameters<Scene["sign"]>[1] = {}): Acted => {
    const input = { message: hello, path, ...more };
    return { act: () => scene.sign(signers, input as typeof more), items: [input as ItemInput] };
  };
  const signBatch = (...paths: readonly (readonly number[])[]): Acted => {
    const items = paths.map((path) => ({ message: hello, path }) as ItemInput);
    return { act: () => scene.signBatch(signers, items), items };
  };
  const generate: Acted = { act: () => scene.generate() };
  if (schemes[scheme].shares !== null) {
    await session("a forged share", cheats.get("forged-share")!, sign([]));
    await session("a forged share of a child", cheats.get("forged-share")!, sign([7]));
    await session("nonsense instead of a share", cheats.get("garbage")!, sign([7]));
    await session("a forged share of a batch", cheats.get("forged-share")!, signBatch([], [7], [1, 2]));
    await session("nonsense instead of a batch's commitments", nonsenseIn("commit"), signBatch([], [7]));
    await session("nonsense in the accept of a batch", nonsenseInAccept, signBatch([], [7]));
    if (scheme === "bip340") {
      for (const merkleRoot of [new Uint8Array(), new Uint8Array(32).fill(9)]) {
        const what = `a forged share of an output, ${merkleRoot.length} bytes`;
        await session(what, cheats.get("forged-share")!, sign([7], { merkleRoot }));
      }
    }
  } else {
    await session("nonsense to all", nonsenseIn("finish"), sign([7]));
  }
  await session("nonsense in an accept", nonsenseInAccept, sign([7]));
  await session("nonsense in the accept of a key", nonsenseInAccept, generate);
  // Who is told another story than the rest finds that it is false; the other one, that there are two.
  const [, other] = scene.inOrder().filter((name) => name !== "bob");
  await session("two stories", cheats.get("two-stories")!, generate, other);
  await session("nonsense instead of a confirmation", nonsenseIn("confirm"), generate);
  await session("whispers", whispers, generate);
  return found;
}
