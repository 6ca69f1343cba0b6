/**
 * The WebAssembly build of 0xCarbon's DKLs23 (`@0xcarbon/dkls23-wasm` 1.0.2, Rust, MIT OR Apache-2.0), to be measured
 * beside ours. Its npm package is meant for bundlers and has no entry point, so that it is fetched by `npm pack`, once,
 * into a temporary folder; nothing of it is part of the product. Its bindings are untyped.
 * @module
 */
import { pathToFileURL } from "node:url";

type Opaque = unknown;
interface Bindings {
  initSync(module: BufferSource): unknown;
  phase1_wasm_binding(session: Opaque): Opaque[];
  phase2_wasm_binding(session: Opaque, fragments: Opaque[]): Opaque[];
  phase3_wasm_binding(session: Opaque, zeroKept: Opaque, derivationKept: Opaque): Opaque[];
  phase4_wasm_binding(session: Opaque, point: Opaque, ...received: Opaque[]): Opaque;
  sign_phase1(party: Opaque, data: Opaque): [Opaque, Opaque, Sent[]];
  sign_phase2(
    party: Opaque,
    data: Opaque,
    unique: Opaque,
    kept: Opaque,
    received: Sent[],
  ): [Opaque, Opaque, Sent[]];
  sign_phase3(party: Opaque, data: Opaque, unique: Opaque, kept: Opaque, received: Sent[]): [Opaque, Opaque];
  sign_phase4(party: Opaque, data: Opaque, x: Opaque, received: Opaque[], normalize: boolean): Opaque;
}
/** Most of its functions wrap what they return. */
function unwrap<T>(result: T): T {
  if (typeof result !== "object" || result === null || Array.isArray(result)) return result;
  if ("Err" in result) throw new Error(`Cannot run peer: ${JSON.stringify(result.Err)}`);
  return "Ok" in result ? result.Ok as T : result;
}
interface Sent {
  parties: { sender: number; receiver: number };
}

/** @throws {Error} If it cannot be had. */
export async function loadPeer(): Promise<Bindings> {
  const folder = `${Deno.env.get("TMPDIR") ?? "/tmp"}/quorate-dkls23-wasm-1.0.2`;
  await Deno.mkdir(folder, { recursive: true });
  const run = async (command: string, ...args: string[]) => {
    const { success } = await new Deno.Command(command, { args, cwd: folder, stdout: "null", stderr: "null" })
      .output();
    if (!success) throw new Error(`Cannot load peer: ${command} failed`);
  };
  try {
    await Deno.stat(`${folder}/package/dkls23_wasm.js`);
  } catch {
    await run("npm", "pack", "@0xcarbon/dkls23-wasm@1.0.2");
    await run("tar", "xzf", "0xcarbon-dkls23-wasm-1.0.2.tgz");
  }
  const log = console.log;
  console.log = console.info = () => {}; // it greets
  const module = await import(pathToFileURL(`${folder}/package/dkls23_wasm.js`).href) as Bindings;
  module.initSync(await Deno.readFile(`${folder}/package/dkls23_wasm_bg.wasm`));
  console.log = log;
  return module;
}

const bytes = (fill: number) => Array.from({ length: 32 }, () => fill);

/** Makes a key of all. @returns The parties, and the milliseconds of work of all together. */
export function peerGenerating(
  peer: Bindings,
  threshold: number,
  size: number,
): { parties: Opaque[]; ms: number } {
  const indices = Array.from({ length: size }, (_, i) => i + 1);
  const parameters = { threshold, share_count: size };
  const data = (i: number) => ({ parameters, party_index: i, session_id: bytes(1) });
  const to = (i: number, sent: readonly Opaque[]) =>
    (sent as Sent[][]).flat().filter(({ parties }) => parties.receiver === i);
  const begun = performance.now();
  const first = indices.map((i) => peer.phase1_wasm_binding(data(i)));
  // [point, proof commitment, zero kept, zero sent, derivation kept, derivation broadcast]
  const second = indices.map((i) =>
    peer.phase2_wasm_binding(data(i), first.map((fragments) => fragments[i - 1]))
  );
  // [zero kept, zero sent, multiplication kept, multiplication sent, derivation broadcast]
  const third = indices.map((i) => peer.phase3_wasm_binding(data(i), second[i - 1]![2], second[i - 1]![4]));
  const column = (rounds: Opaque[][], at: number) => rounds.map((all) => all[at]);
  const byIndex = (all: Opaque[]) => new Map(indices.map((i) => [i, all[i - 1]]));
  const parties = indices.map((i) =>
    unwrap(peer.phase4_wasm_binding(
      data(i),
      second[i - 1]![0],
      column(second, 1),
      third[i - 1]![0],
      to(i, column(second, 3)),
      to(i, column(third, 1)),
      third[i - 1]![2],
      to(i, column(third, 3)),
      byIndex(column(second, 5)),
      byIndex(column(third, 4)),
    ))
  );
  return { parties, ms: performance.now() - begun };
}

/** Signs with parties 1 … t of `parties`. @returns Milliseconds of work, all of them together. */
export function peerSigning(peer: Bindings, parties: readonly Opaque[], threshold: number): () => number {
  const indices = Array.from({ length: threshold }, (_, i) => i + 1);
  let count = 0;
  return () => {
    count++;
    const data = (i: number) => ({
      sign_id: bytes(count & 255),
      counterparties: indices.filter((j) => j !== i),
      message_hash: bytes(3),
    });
    const to = (i: number, sent: Sent[][]) => sent.flat().filter(({ parties }) => parties.receiver === i);
    const begun = performance.now();
    const first = indices.map((i) => unwrap(peer.sign_phase1(parties[i - 1], data(i))));
    const second = indices.map((i) => {
      const [unique, kept] = first[i - 1]!;
      return unwrap(
        peer.sign_phase2(parties[i - 1], data(i), unique, kept, to(i, first.map(([, , sent]) => sent))),
      );
    });
    const third = indices.map((i) => {
      const [unique, kept] = second[i - 1]!;
      return unwrap(
        peer.sign_phase3(parties[i - 1], data(i), unique, kept, to(i, second.map(([, , sent]) => sent))),
      );
    });
    for (const i of indices) {
      unwrap(
        peer.sign_phase4(
          parties[i - 1],
          data(i),
          third[i - 1]![0],
          third.map(([, broadcast]) => broadcast),
          true,
        ),
      );
    }
    return performance.now() - begun;
  };
}
