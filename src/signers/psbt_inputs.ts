/**
 * The inputs of a PSBT that a key can spend, and the hashes that their signatures sign.
 * @module
 */
import { OutScript, Transaction } from "@scure/btc-signer";
import { hash160 } from "../crypto/address.ts";
import { hardened } from "../crypto/bip32.ts";
import { equal } from "../crypto/codec.ts";
import { InputError } from "../errors.ts";
import { childKey } from "../node/verify.ts";
import { taprootOutputKey } from "../schemes/taproot_key.ts";
import type { SigningKey } from "./signing.ts";

type Input = ReturnType<Transaction["getInput"]>;

/** An input that a key can spend. */
export interface Spend {
  /** The number of the input, from 0. */
  readonly index: number;
  /** The path of the child that spends it. */
  readonly path: readonly number[];
  /** The type of its signature hash: 0 (DEFAULT, of P2TR only) or 1 (ALL). Both sign everything. */
  readonly sighash: number;
  /** Of P2TR: the root of its scripts, 0 bytes or 32. */
  readonly merkleRoot: Uint8Array;
}

/** Reads a PSBT. @throws {InputError} `psbt` */
export function readPsbt(psbt: Uint8Array): Transaction {
  try {
    const anything = { allowUnknownOutputs: true, allowUnknownInputs: true } as const;
    return Transaction.fromPSBT(psbt, { ...anything, unknown: "ignore" });
  } catch (cause) {
    throw new InputError("psbt", `expected a PSBT, found something else (${cause})`, { cause });
  }
}

/**
 * The inputs that a key can spend and that are not final yet: with the child that a derivation names beside
 * the fingerprint of the key, or else with the one at `path`.
 *
 * @throws {InputError} `psbt`, if there is none, or if one wants a signature that leaves something open.
 */
export function spendsOf(transaction: Transaction, key: SigningKey, path: readonly number[]): Spend[] {
  const spends: Spend[] = [];
  for (const [index, input] of inputsOf(transaction).entries()) {
    const merkleRoot = input.tapMerkleRoot ?? new Uint8Array();
    const script = OutScript.decode(spentBy(input)?.script ?? new Uint8Array());
    const own = [...namedPaths(input, key), path].find((path) => {
      if (script.type === "wpkh" && key.scheme === "ecdsa") {
        return equal(script.hash, hash160(childKey(key, path).publicKey));
      }
      if (script.type !== "tr" || key.scheme !== "bip340") return false;
      return equal(script.pubkey, taprootOutputKey(key, { path, merkleRoot }));
    });
    if (own === undefined || input.finalScriptWitness !== undefined) continue;
    const sighash = input.sighashType || (script.type === "tr" ? 0 : 1);
    if (sighash > 1) {
      throw new InputError("psbt", `expected the signature hash 1 (ALL) in input ${index}, found ${sighash}`);
    }
    spends.push({ index, path: own, sighash, merkleRoot });
  }
  if (spends.length > 0) return spends;
  const found = `none among ${transaction.inputsLength}`;
  throw new InputError("psbt", `expected an input for this key for ${key.scheme} to sign, found ${found}`);
}

/** The hash that a signature of an input signs: BIP-143's, or of Taproot BIP-341's; 32 bytes. @throws {InputError} `psbt` */
export function sighashOf(transaction: Transaction, { index, sighash }: Spend): Uint8Array {
  const spent = inputsOf(transaction).map(spentBy);
  const { script, amount } = spent[index]!;
  const own = OutScript.decode(script);
  if (own.type === "wpkh") {
    const code = OutScript.encode({ type: "pkh", hash: own.hash }); // BIP-143: the script of P2PKH
    return transaction.preimageWitnessV0(index, code, sighash, amount);
  }
  const all = spent.map((output, i) => {
    if (output !== undefined) return output;
    throw new InputError("psbt", `expected the output that input ${i} spends, found none`);
  });
  const [scripts, amounts] = [all.map(({ script }) => script), all.map(({ amount }) => amount)];
  return transaction.preimageWitnessV1(index, scripts, sighash, amounts);
}

const inputsOf = (transaction: Transaction): Input[] =>
  Array.from({ length: transaction.inputsLength }, (_, index) => transaction.getInput(index));

/** The output that an input spends, if the PSBT has it. */
function spentBy({ nonWitnessUtxo, witnessUtxo, index }: Input) {
  return nonWitnessUtxo === undefined ? witnessUtxo : nonWitnessUtxo.outputs[index!];
}

/** The paths in an input that begin at this key. */
function namedPaths({ bip32Derivation, tapBip32Derivation }: Input, { publicKey }: SigningKey): number[][] {
  const { buffer, byteOffset } = hash160(publicKey);
  const fingerprint = new DataView(buffer, byteOffset).getUint32(0); // BIP-32
  const named = [
    ...(bip32Derivation ?? []).map(([, derivation]) => derivation),
    ...(tapBip32Derivation ?? []).map(([, { der }]) => der),
  ];
  const own = named.filter((derivation) => derivation.fingerprint === fingerprint).map(({ path }) => path);
  return own.filter((path) => path.every((index: number) => index < hardened));
}
