/**
 * Computes the known answers in `tests/vectors/dkls/`: every block alone, and a whole run. Not a test by itself;
 * `deno run -A tests/crypto/dkls/known_answers.ts` writes the files anew, which is right only when the protocol has
 * been changed on purpose, with its tags.
 * @module
 */
import { sha256 } from "@noble/hashes/sha2.js";
import { chooseBaseOts, offerBaseOts, receiveChoices } from "../../../src/crypto/dkls/base_ot.ts";
import { bytesOf, transpose, wordsOf } from "../../../src/crypto/dkls/bit_matrix.ts";
import { foldBlocks, multiplesOf } from "../../../src/crypto/dkls/gf128.ts";
import { extendAsReceiver, extendAsSender } from "../../../src/crypto/dkls/ot_extension.ts";
import { rvoleAlice, rvoleBob } from "../../../src/crypto/dkls/rvole.ts";
import { shortOracle } from "../../../src/crypto/dkls/short_oracle.ts";
import { finish } from "../../../src/crypto/dkls/steps.ts";
import { zeroShare } from "../../../src/crypto/dkls/zero_share.ts";
import { childOf } from "../../../src/crypto/bip32.ts";
import { toDer } from "../../../src/crypto/ecdsa/der.ts";
import { groups } from "../../../src/crypto/group.ts";
import { diffieHellman, generateEcdsaAll, keyOf, signEcdsaBatch } from "../../protocol/ecdsa_keys.ts";
import { attempt, party, seeded, session } from "../../protocol/keys.ts";
import { results } from "../../protocol/local_net.ts";

export type Answers = Record<string, unknown>;

const group = groups.secp256k1;
const hex = (bytes: Uint8Array) => bytes.toHex();
const scalar = (number: bigint) => hex(group.encodeScalar(number));
/** Short bytes as they are, long ones by their length and SHA-256. */
const shown = (bytes: Uint8Array) =>
  bytes.length <= 64 ? hex(bytes) : { length: bytes.length, sha256: hex(sha256(bytes)) };
const filled = (byte: number) => new Uint8Array(32).fill(byte);

function primitives(): Answers {
  const random = seeded("known answers: primitives");
  const long = wordsOf(random(32)), short = wordsOf(random(16)), out = new Uint32Array(32);
  const [s0, s1, s2, s3] = short as unknown as [number, number, number, number];
  shortOracle(long, 0, 0x01020304, s0, s1, s2, s3, out, 0, 32);
  const coefficients = random(64), row = random(80), folded = wordsOf(row.subarray(64));
  foldBlocks(wordsOf(row), 0, multiplesOf(wordsOf(coefficients)), folded, 0);
  const matrix = random(128 * 80);
  return {
    shortOracle: {
      long: [...long],
      number: 0x01020304,
      short: [...short],
      output: hex(bytesOf(out)),
    },
    fold: { coefficients: hex(coefficients), row: hex(row), result: hex(bytesOf(folded)) },
    transpose: { rows: shown(matrix), columns: shown(bytesOf(transpose(wordsOf(matrix), 20, 512))) },
    zeroShare: {
      session: hex(filled(1)),
      identifier: 2,
      seeds: { 1: hex(filled(2)), 3: hex(filled(3)) },
      share: scalar(
        zeroShare({ session: filled(1), identifier: 2, seeds: new Map([[1, filled(2)], [3, filled(3)]]) }),
      ),
    },
  };
}

/** One direction of a pair: base OTs, and with their keys the multiplications of a batch of two. */
function pair(): Answers {
  const setup = filled(7), sessions = { bob: filled(8), alice: filled(9) };
  const sender = offerBaseOts(seeded("known answers: base OT sender"));
  const choices = wordsOf(seeded("known answers: Δ")(16));
  const random = seeded("known answers: base OT receiver");
  const chosen = finish(chooseBaseOts({ setup, choices, offer: sender.offer, random, diffieHellman }));
  const offered = finish(receiveChoices({ setup, sender, points: chosen.points, diffieHellman }))!;
  const bobSeed = "known answers: Bob", aliceSeed = "known answers: Alice";
  const received = extendAsReceiver({
    keys: offered,
    items: 2,
    session: sessions.bob,
    random: seeded(bobSeed),
  });
  const sent = extendAsSender({
    keys: chosen.keys,
    delta: choices,
    items: 2,
    session: sessions.bob,
    message: received.message,
  })!;
  const bob = rvoleBob({ setup, keys: offered, items: 2, session: sessions.bob, random: seeded(bobSeed) });
  const alice = rvoleAlice({
    setup,
    keys: chosen.keys,
    delta: choices,
    items: 2,
    sessions,
    message: bob.message,
  })!;
  const alices = seeded(aliceSeed);
  const multiplied = ([[3n, group.order - 2n], [5n, 7n]] as const).map((factors, item) => {
    const { message, shares } = alice.multiply(item, factors, alices);
    const { corrections, responses, digest } = message;
    return {
      factors: factors.map(scalar),
      multiplicand: scalar(bob.multiplicands[item]!),
      corrections: shown(corrections),
      firstCorrection: hex(corrections.subarray(0, 32)),
      responses: hex(responses),
      digest: hex(digest),
      aliceShares: shares.map((share) => scalar(group.reduce(share))),
      bobShares: bob.unmask(item, sessions.alice, message).map(scalar),
    };
  });
  if (!bob.passes()) throw new Error("Cannot compute known answers: the multiplications do not pass");
  return {
    baseOts: {
      setup: hex(setup),
      secret: hex(sender.secret),
      offer: hex(sender.offer),
      delta: hex(bytesOf(choices)),
      answer: shown(chosen.points),
      firstAnswer: hex(chosen.points.subarray(0, 66)),
      chosenKeys: shown(chosen.keys),
      firstChosenKey: hex(chosen.keys.subarray(0, 32)),
      offeredKeys: shown(offered),
      firstOfferedKeys: hex(offered.subarray(0, 64)),
    },
    extension: {
      session: hex(sessions.bob),
      choices: hex(bytesOf(received.choices)),
      columns: shown(received.message.columns),
      choiceCheck: hex(received.message.choiceCheck),
      columnChecks: shown(received.message.columnChecks),
      receiverRows: shown(bytesOf(received.rows)),
      senderRows: shown(bytesOf(sent)),
    },
    multiplications: {
      sessions: { bob: hex(sessions.bob), alice: hex(sessions.alice) },
      items: multiplied,
    },
  };
}

/** A key generation of three with set-up, and a batch of two signatures by two of them, message by message. */
async function run(): Promise<Answers> {
  const generated = await generateEcdsaAll({ seed: "known answers: generate" });
  const made = keyOf(generated, 2);
  const signers = ["alice", "carol"], path = [44, 60, 0, 0, 1];
  const items = [{ path, digest: filled(0x2a) }, { path: [], digest: filled(0x2b) }];
  const signed = await signEcdsaBatch({ made, signers, items, seed: "known answers: sign" });
  const [signatures] = results(signed);
  const messages = (sent: ReadonlyMap<string, Uint8Array>) =>
    Object.fromEntries(
      [...sent].sort(([a], [b]) => a < b ? -1 : 1).map(([slot, bytes]) => [slot, shown(bytes)]),
    );
  const state = made.pairs.get("alice")!.get("carol")!;
  return {
    attempt: hex(attempt),
    session: hex(session),
    members: party,
    threshold: 2,
    seeds: { generate: "known answers: generate ‹peer›", sign: "known answers: sign ‹peer›" },
    generate: {
      messages: messages(generated.sent),
      publicKey: hex(made.key.publicKey),
      chainCode: hex(made.key.chainCode),
      shares: [...made.shares.values()].map(hex),
      aliceAndCarol: {
        setup: hex(state.setup),
        zeroSeed: hex(state.zeroSeed),
        alicesDelta: hex(bytesOf(state.delta)),
        alicesChosenKeys: shown(state.chosen),
        alicesOfferedKeys: shown(state.offered),
      },
    },
    sign: {
      signers,
      messages: messages(signed.sent),
      items: items.map(({ path, digest }, item) => ({
        path,
        digest: hex(digest),
        publicKey: hex(childOf(group, made.key, path).publicKey),
        compact: hex(signatures![item]!.compact),
        recovery: signatures![item]!.recovery,
        der: hex(toDer(signatures![item]!)),
      })),
    },
  };
}

/** All files, by name. */
export async function knownAnswers(): Promise<Record<string, Answers>> {
  return { "primitives.json": primitives(), "pair.json": pair(), "run.json": await run() };
}

export const vectorsFolder = new URL("../../vectors/dkls/", import.meta.url);

if (import.meta.main) {
  for (const [name, answers] of Object.entries(await knownAnswers())) {
    await Deno.writeTextFile(new URL(name, vectorsFolder), JSON.stringify(answers, null, 2) + "\n");
  }
}
