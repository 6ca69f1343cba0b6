/**
 * A vault for schedules by the thousand: runs the toy protocols over the real rounds of the session, so that invites,
 * streams, echo, deadlines, aborts, evidence, votes and healing are the product's own. Shares are not encrypted.
 * @module
 */
import { bytes, bytesUpTo, type Codec, record, text } from "../../src/crypto/codec.ts";
import type { Scheme } from "../../src/events.ts";
import { schemes, verifySignature } from "../../src/schemes/schemes.ts";
import type { PeerId } from "../../src/failure.ts";
import type {
  Agreed,
  Clock,
  DrawnTask,
  Outcome,
  Protocol,
  PublicKeyPackage,
  Random,
  RunIo,
  Task,
  Vault,
} from "../../src/ports.ts";
import { openNet } from "../../src/session/net.ts";
import type { Net, Rounds } from "../../src/protocol/rounds.ts";
import { proven } from "../../src/schemes/run/proven.ts";
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
import { drawToyKey, toyGenerating, toyPromise } from "./toy_protocols.ts";
import {
  drawToyReshare,
  isOneToySharing,
  toyResharedPairs,
  toyResharePromise,
  toyResharing,
  toyResharingEcdsa,
} from "./toy_reshare.ts";
import { drawToySignatures, toySigning, toyVerify } from "./toy_signing.ts";

const shareRecord = record("quorate/toy/share-record", {
  peer: text(64),
  session: bytes(32),
  share: bytesUpTo(32),
});

/** The first round and the rounds after it. */
function toyRounds({ kind, scheme, itemCount }: Protocol): { firstRound: Codec<unknown>; rounds: Rounds } {
  if (kind === "generate") {
    return { firstRound: toyPromise, rounds: scheme === "ecdsa" ? toyGeneratingEcdsa : toyGenerating };
  }
  if (kind === "reshare") {
    return { firstRound: toyResharePromise, rounds: scheme === "ecdsa" ? toyResharingEcdsa : toyResharing };
  }
  return scheme === "ecdsa" ? { firstRound: toyPromise, rounds: toySigningEcdsa } : toySigning(itemCount);
}

/** What others verify under; a point of secp256k1 where the signature is one that they know. */
const publicKeyOf: Record<Scheme, (toyKey: Uint8Array) => Uint8Array> = {
  ed25519: (toyKey) => toyKey,
  ecdsa: (toyKey) => toyPublicKey(secretOf(scalarOf(toyKey))),
  bip340: (toyKey) => toyEvenKey(scalarOf(toyKey)).publicKey,
};

type Generate = Task & { kind: "generate" };
type Reshare = Task & { kind: "reshare" };
type Sign = Task & { kind: "sign" };

/** Has certificates of toy keys checked as toy sharings, until disposed of. */
export function toySharings(): Disposable {
  const all = Object.values(schemes) as { isOneSharing: (key: PublicKeyPackage) => boolean }[];
  const before = all.map(({ isOneSharing }) => isOneSharing);
  for (const scheme of all) {
    scheme.isOneSharing = (key) => isOneToySharing(key, (scheme, sum) => publicKeyOf[scheme](sum));
  }
  return { [Symbol.dispose]: () => all.forEach((scheme, i) => scheme.isOneSharing = before[i]!) };
}

export function toyVault(peer: PeerId, random: Random, clock: Clock): Vault {
  function drawKey(task: Generate): Pick<DrawnTask, "firstRound" | "run"> {
    const { party, scheme, wallet, epoch, threshold } = task;
    const { firstRound, run } = drawToyKey({ ...task, random });
    return {
      firstRound,
      async run(agreed, io) {
        const { session } = agreed;
        const rounds = scheme === "ecdsa" ? toyGeneratingEcdsa : toyGenerating;
        const net = openNet(rounds, io, { ...task, session, clock });
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

  function drawReshare(task: Reshare): Pick<DrawnTask, "firstRound" | "run"> {
    const { scheme, wallet, epoch, threshold, recipients } = task;
    const { publicKey, chainCode } = task.key;
    const held = task.share && shareRecord.decode(task.share).share;
    const { firstRound, run } = drawToyReshare(task, held, random);
    return {
      firstRound,
      async run(agreed, io) {
        const { session } = agreed;
        const net = openNet(scheme === "ecdsa" ? toyResharingEcdsa : toyResharing, io, {
          ...task,
          session,
          clock,
        });
        const { share, transcript, verifyingShares } = await run(net as Net<typeof toyResharing>, agreed);
        const pairs = scheme === "ecdsa"
          ? await toyResharedPairs(net as Net<typeof toyResharingEcdsa>, { session, recipients, random })
          : new Map();
        const key = {
          wallet,
          scheme,
          epoch,
          threshold,
          members: recipients,
          publicKey,
          verifyingShares,
          chainCode,
        };
        return {
          kind: "reshare",
          key,
          transcript,
          share: share && shareRecord.encode({ peer, session, share }),
          pairs,
        };
      },
    };
  }

  function drawSignature(task: Sign): Pick<DrawnTask, "firstRound" | "run"> {
    const { items, scheme } = task;
    const { share } = shareRecord.decode(task.share);
    const netOptions = ({ session }: Agreed) => ({ ...task, session, clock });
    if (scheme === "ecdsa") {
      const { firstRound, run } = drawToyEcdsa({
        ...task,
        share,
        digests: items.map(({ payload }) => payload),
        random,
      });
      return {
        firstRound,
        async run(agreed, io) {
          const net = openNet(toySigningEcdsa, io, netOptions(agreed));
          const signatures = await run(net, { ...agreed, ban: (peers) => io.ban(peers) });
          return { kind: "sign", signatures };
        },
      };
    }
    const messages = items.map(({ payload }) => payload);
    const { firstRound, run } = drawToySignatures({ ...task, share, messages, random });
    return {
      firstRound,
      async run(agreed, io) {
        const net = openNet(toySigning(items.length).rounds, io, netOptions(agreed));
        const signatures = await proven(net, run(net, agreed));
        return {
          kind: "sign",
          signatures: scheme === "bip340" ? items.map((item) => toySignBip340(task, item)) : signatures,
        };
      },
    };
  }

  function drawTask(task: Task): Pick<DrawnTask, "firstRound" | "run"> {
    switch (task.kind) {
      case "generate":
        return drawKey(task);
      case "reshare":
        return drawReshare(task);
      default:
        return drawSignature(task);
    }
  }

  return {
    rounds: (protocol) => Object.keys(toyRounds(protocol).rounds),
    isFirstRound(protocol, bytes) {
      try {
        toyRounds(protocol).firstRound.decode(bytes);
        return true;
      } catch {
        return false;
      }
    },
    // deno-lint-ignore require-await -- so that every error in here is a rejection
    draw: async (task) => onceOnly(drawTask(task)),
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
