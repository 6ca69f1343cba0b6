/**
 * A vault for schedules by the thousand: runs the toy protocols over the real rounds of the session, so that invites,
 * streams, echo, deadlines, aborts, evidence, votes and healing are the product's own. Shares are not encrypted.
 * @module
 */
import { bytes, bytesUpTo, record, text } from "../../src/crypto/codec.ts";
import type { Scheme } from "../../src/events.ts";
import { verifySignature } from "../../src/schemes/schemes.ts";
import type { PeerId } from "../../src/failure.ts";
import type { Agreed, Clock, DrawnTask, Outcome, Random, RunIo, Task, Vault } from "../../src/ports.ts";
import { openNet } from "../../src/session/net.ts";
import type { Net } from "../../src/protocol/rounds.ts";
import {
  drawToyEcdsa,
  secretOf,
  toyGeneratingEcdsa,
  toyPublicKey,
  toySetup,
  toySigningEcdsa,
} from "./toy_ecdsa.ts";
import { toyEvenKey, toySignBip340 } from "./toy_bip340.ts";
import { usedUp } from "../../src/worker/used_up.ts";
import { scalarOf } from "./toy_field.ts";
import {
  drawToyKey,
  drawToySignature,
  toyGenerating,
  toyNonce,
  toyPromise,
  toySigning,
  toyVerify,
} from "./toy_protocols.ts";

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

/** The codecs of the first rounds. */
const firstRounds = {
  ed25519: { generate: toyPromise, sign: toyNonce },
  ecdsa: { generate: toyPromise, sign: toyPromise },
  bip340: { generate: toyPromise, sign: toyNonce },
};

type Generate = Task & { kind: "generate" };
type Sign = Task & { kind: "sign" };

export function toyVault(peer: PeerId, random: Random, clock: Clock): Vault {
  function drawKey(task: Generate): Pick<DrawnTask, "firstRound" | "run"> {
    const { party, scheme, wallet, epoch, threshold } = task;
    const { firstRound, run } = drawToyKey({ ...task, random });
    return {
      firstRound,
      async run(agreed, io) {
        const { session } = agreed;
        const rounds = scheme === "ecdsa" ? toyGeneratingEcdsa : toyGenerating;
        const net = openNet(rounds, io, { ...task, session, clock, mayShowDirect: true });
        const made = await run(net as typeof net & Net<typeof toyGenerating>, agreed);
        const { share, transcript, publicKey: toyKey, ...rest } = made;
        const pairs = scheme === "ecdsa"
          ? await toySetup(net as typeof net & Net<typeof toyGeneratingEcdsa>, { session, random })
          : new Map();
        const publicKey = publicKeyOf[scheme](toyKey);
        return {
          kind: "generate",
          key: { wallet, scheme, epoch, threshold, members: party, publicKey, ...rest },
          transcript,
          share: shareRecord.encode({ peer, session, share }),
          pairs,
        };
      },
    };
  }

  function drawSignature(task: Sign): Pick<DrawnTask, "firstRound" | "run"> {
    const { key, message, scheme } = task;
    const { share } = shareRecord.decode(task.share);
    const netOptions = ({ session }: Agreed) => ({ ...task, session, clock, mayShowDirect: false });
    if (scheme === "ecdsa") {
      const { firstRound, run } = drawToyEcdsa({ ...task, share, digest: message, random });
      return {
        firstRound,
        async run(agreed, io) {
          const net = openNet(toySigningEcdsa, io, netOptions(agreed));
          const signature = await run(net, { ...agreed, ban: (peers) => io.ban(peers) });
          return { kind: "sign", signature };
        },
      };
    }
    const { firstRound, run } = drawToySignature({ key, share, message, random });
    return {
      firstRound,
      async run(agreed, io) {
        const signature = await run(openNet(toySigning, io, netOptions(agreed)), agreed);
        return { kind: "sign", signature: scheme === "bip340" ? toySignBip340(task) : signature };
      },
    };
  }

  return {
    rounds: ({ kind, scheme }) => Object.keys(roundsOf[scheme][kind]),
    isFirstRound({ kind, scheme }, bytes) {
      try {
        firstRounds[scheme][kind].decode(bytes);
        return true;
      } catch {
        return false;
      }
    },
    // deno-lint-ignore require-await -- so that every error in here is a rejection
    draw: async (task) => onceOnly(task.kind === "generate" ? drawKey(task) : drawSignature(task)),
    verify: ({ scheme, publicKey }, message, signature) =>
      scheme === "ed25519"
        ? toyVerify(publicKey, message, signature)
        : verifySignature({ scheme, publicKey }, message, signature),
    close: () => Promise.resolve(),
  };
}

/** A drawn task that is used up by its first run, or by being disposed of. */
function onceOnly({ firstRound, run }: Pick<DrawnTask, "firstRound" | "run">): DrawnTask {
  let used = false;
  return {
    firstRound,
    async run(agreed: Agreed, io: RunIo): Promise<Outcome> {
      if (used) throw usedUp();
      used = true;
      const outcome = await run(agreed, io);
      io.signal.throwIfAborted();
      return outcome;
    },
    [Symbol.dispose]() {
      used = true;
    },
  };
}
