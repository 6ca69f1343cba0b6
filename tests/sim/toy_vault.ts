/**
 * A vault for schedules by the thousand: runs the toy protocols over the real rounds of the session, so that invites,
 * streams, echo, deadlines, aborts, evidence, votes and healing are the product's own. Shares are not encrypted.
 * @module
 */
import { bytes, bytesUpTo, record, text } from "../../src/crypto/codec.ts";
import type { PeerId } from "../../src/failure.ts";
import type { Clock, Outcome, Random, RunIo, Task, Vault } from "../../src/ports.ts";
import { openNet } from "../../src/session/net.ts";
import { toyGenerate, toyGenerating, toySign, toySigning, toyVerify } from "./toy_protocols.ts";

const shareRecord = record("quorate/toy/share-record", {
  peer: text(64),
  session: bytes(32),
  share: bytesUpTo(32),
});

export function toyVault(peer: PeerId, random: Random, clock: Clock): Vault {
  async function generate(task: Task & { kind: "generate" }, io: RunIo): Promise<Outcome> {
    const { session, party, curve, wallet, epoch, threshold } = task;
    const net = openNet(toyGenerating, io, { ...task, clock, openDirect: true });
    const { share, transcript, ...made } = await toyGenerate(net, { session, threshold, random });
    return {
      kind: "generate",
      key: { wallet, curve, epoch, threshold, members: party, ...made },
      transcript,
      share: shareRecord.encode({ peer, session, share }),
      pairs: new Map(),
    };
  }

  async function sign(task: Task & { kind: "sign" }, io: RunIo): Promise<Outcome> {
    const { key, message } = task;
    const { share } = shareRecord.decode(task.share);
    const net = openNet(toySigning, io, { ...task, clock, openDirect: false });
    return { kind: "sign", signature: await toySign(net, { key, share, message, random }) };
  }

  return {
    rounds: ({ kind }) => Object.keys(kind === "generate" ? toyGenerating : toySigning),
    async run(task, io) {
      const outcome = task.kind === "generate" ? await generate(task, io) : await sign(task, io);
      io.signal.throwIfAborted();
      return outcome;
    },
    verify: ({ publicKey }, message, signature) => toyVerify(publicKey, message, signature),
    close: () => Promise.resolve(),
  };
}
