/**
 * A vault for schedules by the thousand: runs the toy protocols over the real rounds of the session, so that invites,
 * streams, echo, deadlines, aborts, evidence, votes and healing are the product's own. Shares are not encrypted.
 * @module
 */
import { bytes, bytesUpTo, record, text } from "../../src/crypto/codec.ts";
import { verifySignature } from "../../src/crypto/verify.ts";
import type { PeerId } from "../../src/failure.ts";
import type { Clock, Outcome, Random, RunIo, Task, Vault } from "../../src/ports.ts";
import { openNet } from "../../src/session/net.ts";
import type { Net } from "../../src/protocol/rounds.ts";
import {
  secretOf,
  toyGeneratingEcdsa,
  toyPublicKey,
  toySetup,
  toySignEcdsa,
  toySigningEcdsa,
} from "./toy_ecdsa.ts";
import { scalarOf } from "./toy_field.ts";
import { toyGenerate, toyGenerating, toySign, toySigning, toyVerify } from "./toy_protocols.ts";

const shareRecord = record("quorate/toy/share-record", {
  peer: text(64),
  session: bytes(32),
  share: bytesUpTo(32),
});

const roundsOf = {
  ed25519: { generate: toyGenerating, sign: toySigning },
  secp256k1: { generate: toyGeneratingEcdsa, sign: toySigningEcdsa },
};

export function toyVault(peer: PeerId, random: Random, clock: Clock): Vault {
  async function generate(task: Task & { kind: "generate" }, io: RunIo): Promise<Outcome> {
    const { session, party, curve, wallet, epoch, threshold } = task;
    const rounds = curve === "ed25519" ? toyGenerating : toyGeneratingEcdsa;
    const net = openNet(rounds, io, { ...task, clock, openDirect: true });
    const { share, transcript, publicKey: toyKey, ...made } = await toyGenerate(
      net as typeof net & Net<typeof toyGenerating>,
      {
        session,
        threshold,
        random,
      },
    );
    const pairs = curve === "ed25519"
      ? new Map()
      : await toySetup(net as typeof net & Net<typeof toyGeneratingEcdsa>, { session, random });
    const publicKey = curve === "ed25519" ? toyKey : toyPublicKey(secretOf(scalarOf(toyKey)));
    return {
      kind: "generate",
      key: { wallet, curve, epoch, threshold, members: party, publicKey, ...made },
      transcript,
      share: shareRecord.encode({ peer, session, share }),
      pairs,
    };
  }

  async function sign(task: Task & { kind: "sign" }, io: RunIo): Promise<Outcome> {
    const { key, message, session, pairs } = task;
    const { share } = shareRecord.decode(task.share);
    if (task.curve === "secp256k1") {
      const net = openNet(toySigningEcdsa, io, { ...task, clock, openDirect: false });
      const ban = (peers: readonly PeerId[]) => io.ban(peers);
      const options = { key, session, share, pairs, digest: message, random, ban };
      return { kind: "sign", signature: await toySignEcdsa(net, options) };
    }
    const net = openNet(toySigning, io, { ...task, clock, openDirect: false });
    return { kind: "sign", signature: await toySign(net, { key, share, message, random }) };
  }

  return {
    rounds: ({ kind, curve }) => Object.keys(roundsOf[curve][kind]),
    async run(task, io) {
      const outcome = task.kind === "generate" ? await generate(task, io) : await sign(task, io);
      io.signal.throwIfAborted();
      return outcome;
    },
    verify: ({ curve, publicKey }, message, signature) =>
      curve === "ed25519"
        ? toyVerify(publicKey, message, signature)
        : verifySignature(curve, publicKey, message, signature),
    close: () => Promise.resolve(),
  };
}
