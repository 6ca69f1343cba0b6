/**
 * A vault for schedules by the thousand: runs the toy protocols over the real rounds of the session, so that invites,
 * streams, echo, deadlines, aborts, evidence, votes and healing are the product's own. Shares are not encrypted.
 * @module
 */
import { bytes, bytesUpTo, record, text } from "../../src/crypto/codec.ts";
import type { Scheme } from "../../src/events.ts";
import { verifySignature } from "../../src/schemes/schemes.ts";
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
import { toyEvenKey, toySignBip340 } from "./toy_bip340.ts";
import { scalarOf } from "./toy_field.ts";
import { toyGenerate, toyGenerating, toySign, toySigning, toyVerify } from "./toy_protocols.ts";

const shareRecord = record("quorate/toy/share-record", {
  peer: text(64),
  session: bytes(32),
  share: bytesUpTo(32),
});

const roundsOf = {
  ed25519: { generate: toyGenerating, sign: toySigning },
  ecdsa: { generate: toyGeneratingEcdsa, sign: toySigningEcdsa },
  bip340: { generate: toyGenerating, sign: toySigning },
};

/** What others verify under; a point of secp256k1 where the signature is one that they know. */
const publicKeyOf: Record<Scheme, (toyKey: Uint8Array) => Uint8Array> = {
  ed25519: (toyKey) => toyKey,
  ecdsa: (toyKey) => toyPublicKey(secretOf(scalarOf(toyKey))),
  bip340: (toyKey) => toyEvenKey(scalarOf(toyKey)).publicKey,
};

export function toyVault(peer: PeerId, random: Random, clock: Clock): Vault {
  async function generate(task: Task & { kind: "generate" }, io: RunIo): Promise<Outcome> {
    const { session, party, scheme, wallet, epoch, threshold } = task;
    const rounds = scheme === "ecdsa" ? toyGeneratingEcdsa : toyGenerating;
    const net = openNet(rounds, io, { ...task, clock, mayShowDirect: true });
    const { share, transcript, publicKey: toyKey, ...made } = await toyGenerate(
      net as typeof net & Net<typeof toyGenerating>,
      {
        session,
        threshold,
        random,
      },
    );
    const pairs = scheme === "ecdsa"
      ? await toySetup(net as typeof net & Net<typeof toyGeneratingEcdsa>, { session, random })
      : new Map();
    const publicKey = publicKeyOf[scheme](toyKey);
    return {
      kind: "generate",
      key: { wallet, scheme, epoch, threshold, members: party, publicKey, ...made },
      transcript,
      share: shareRecord.encode({ peer, session, share }),
      pairs,
    };
  }

  async function sign(task: Task & { kind: "sign" }, io: RunIo): Promise<Outcome> {
    const { key, message, session, pairs } = task;
    const { share } = shareRecord.decode(task.share);
    if (task.scheme === "ecdsa") {
      const net = openNet(toySigningEcdsa, io, { ...task, clock, mayShowDirect: false });
      const ban = (peers: readonly PeerId[]) => io.ban(peers);
      const options = { key, session, share, pairs, digest: message, random, ban };
      return { kind: "sign", signature: await toySignEcdsa(net, options) };
    }
    const net = openNet(toySigning, io, { ...task, clock, mayShowDirect: false });
    const signature = await toySign(net, { key, share, message, random });
    return { kind: "sign", signature: task.scheme === "bip340" ? toySignBip340(task) : signature };
  }

  return {
    rounds: ({ kind, scheme }) => Object.keys(roundsOf[scheme][kind]),
    async run(task, io) {
      const outcome = task.kind === "generate" ? await generate(task, io) : await sign(task, io);
      io.signal.throwIfAborted();
      return outcome;
    },
    verify: ({ scheme, publicKey }, message, signature) =>
      scheme === "ed25519"
        ? toyVerify(publicKey, message, signature)
        : verifySignature({ scheme, publicKey }, message, signature),
    close: () => Promise.resolve(),
  };
}
