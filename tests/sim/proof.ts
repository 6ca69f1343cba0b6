/**
 * I5: what a failure shows of its culprits convinces who was not there.
 * @module
 */
import { checkEvidence } from "../../src/node/evidence.ts";
import { evidenceRecord } from "../../src/cluster/links/evidence_store.ts";
import type { Failure } from "../../src/events.ts";
import type { PeerId } from "../../src/failure.ts";
import type { Identity } from "../../src/ports.ts";
import { statementEvidence } from "../../src/session/echo.ts";
import { decodeEnvelope, statementOf, verifyStatement } from "../../src/session/envelope.ts";
import { acceptRecord, goRecord } from "../../src/session/invite.ts";
import { readSigned } from "../../src/session/signed.ts";
import type { Violation } from "./invariants.ts";
import type { View } from "./views.ts";
import type { World } from "./world.ts";

/** Codes whose evidence suffices by itself. */
const selfEvident = ["equivocation", "malformed-message"];

/** A failure, and what it shows. */
export interface Accusation {
  end: Failure;
  evidence: Uint8Array;
  /** Every holder of that world. */
  holders: readonly PeerId[];
}

export async function evidenceHolds(views: readonly View[], world: World): Promise<Violation[]> {
  const { identity } = world.cluster.at("alice");
  const found: Violation[] = [];
  for (const { end, name } of views) {
    if (end?.type !== "failed" || end.culprits.length === 0) continue;
    const wrong = (what: string) =>
      found.push({ invariant: "I5 evidence", what: `${name}, ${end.code}: ${what}` });
    // Whoever has been killed since has it no more.
    const evidence = await world.cluster.nodes.get(name)?.node.evidence(end) ?? null;
    if (evidence === null) continue;
    for (const shown of evidenceRecord.decode(evidence).shown) {
      if (!await signed(identity, shown)) wrong("a message in it is not signed");
    }
    if (!world.real) continue;
    const holders = world.holders.map((holder) => world.cluster.peer(holder));
    world.accusations.push({ end, evidence, holders });
  }
  return found;
}

/** Real evidence, checked as a console would: by WebCrypto, when the world and its clock are over. */
export async function accusationsHold(accusations: readonly Accusation[]): Promise<Violation[]> {
  const found: Violation[] = [];
  for (const { end, evidence, holders } of accusations) {
    const proof = await checkEvidence(end, evidence);
    const wrong = proof === "not-proven" || (proof === "unknown" && selfEvident.includes(end.code));
    if (wrong) found.push({ invariant: "I5 evidence", what: `${end.code} in ${end.id}: ${proof}` });
    for (const forged of relabelled(end, holders)) {
      if (await checkEvidence(forged, evidence) !== "proven") continue;
      const what = `what shows ${end.code} of ${end.culprits} proves ${forged.code} of ${forged.culprits}`;
      found.push({ invariant: "I5 evidence", what });
    }
  }
  return found;
}

/** The same evidence in failures that never were: against everybody else, under every code that can be proven. */
function relabelled(end: Failure, holders: readonly PeerId[]): Failure[] {
  const honest = holders.filter((peer) => !end.culprits.includes(peer));
  const codes = ["equivocation", "malformed-message", "invalid-signature-share"] as const;
  return honest.flatMap((peer) => codes.map((code) => ({ ...end, code, culprits: [peer] })));
}

async function signed(identity: Identity, encoded: Uint8Array): Promise<boolean> {
  if (await readSigned(identity, goRecord, encoded) || await readSigned(identity, acceptRecord, encoded)) {
    return true;
  }
  try {
    return await verifyStatement(identity, statementOf(decodeEnvelope(encoded)));
  } catch {
    // Not an envelope: the bare statement that an echo passed on.
  }
  return await verifyStatement(identity, { ...statementEvidence.decode(encoded), to: "*" });
}
