/**
 * What threshold ECDSA costs one party, in one thread and without a network, beside the WebAssembly build of
 * 0xCarbon's DKLs23 in the same run: milliseconds of processor time a party, and by the clock. Ours includes encoding and decoding every message; theirs, crossing between
 * JavaScript and WebAssembly. The two take turns, so that what else the machine does hits both.
 * @module
 */
import process from "node:process";
import { portableDiffieHellman } from "../../src/crypto/dkls/diffie_hellman.ts";
import { rvoleAlice, rvoleBob } from "../../src/crypto/dkls/rvole.ts";
import { platformRandom } from "../../src/platform/platform.ts";
import { generation } from "../../src/protocol/dealing.ts";
import { drawEcdsaKey } from "../../src/protocol/setup_ecdsa.ts";
import { dealingEcdsa } from "../../src/protocol/setup_ecdsa_messages.ts";
import {
  dealDirection,
  dealEcdsaKey,
  diffieHellman,
  signEcdsaAll,
  signEcdsaBatch,
} from "../protocol/ecdsa_keys.ts";
import { results, runDrawn } from "../protocol/local_net.ts";
import { loadPeer, peerGenerating, peerSigning } from "./dkls_peer.ts";
import { type Figure, figure } from "./figures.ts";

const members = ["alice", "bob", "carol"];
const processor = () => {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
};

interface Measured {
  name: string;
  parties: number;
  /** How often it is run to warm up, and how often it counts. */
  warm: number;
  count: number;
  run: () => unknown;
}

/** Runs all in turn, and says for each what one party had to do. */
async function measure(all: readonly Measured[]): Promise<Figure[]> {
  const values = all.map(() => ({ cpu: [] as number[], clock: [] as number[] }));
  const most = Math.max(...all.map(({ warm, count }) => warm + count));
  for (let i = 0; i < most; i++) {
    for (const [k, { run, parties, warm, count }] of all.entries()) {
      if (i >= warm + count) continue;
      const [cpu, clock] = [processor(), performance.now()];
      await run();
      if (i < warm) continue;
      values[k]!.cpu.push((processor() - cpu) / parties);
      values[k]!.clock.push((performance.now() - clock) / parties);
    }
  }
  return all.flatMap(({ name }, k) => [
    figure(`${name}, processor`, "ms", values[k]!.cpu),
    figure(`${name}, clock`, "ms", values[k]!.clock),
  ]);
}

function generating(dh: typeof diffieHellman) {
  return async () => {
    const common = { dealing: generation(members, 2), share: null, random: platformRandom };
    const session = platformRandom(32), attempt = platformRandom(32);
    results(
      await runDrawn(dealingEcdsa.generate, members, {
        draw: (self) => drawEcdsaKey({ ...common, attempt, self }),
        inputOf: () => ({ session, random: platformRandom, diffieHellman: dh }),
      }),
    );
  };
}

function signing(threshold: number) {
  const made = dealEcdsaKey({ threshold });
  let count = 0;
  return async () => {
    const digest = platformRandom(32);
    results(await signEcdsaAll({ made, signers: members.slice(0, threshold), digest, seed: `${count++}` }));
  };
}

/** Batches under one key by two signers: what one item costs a signer. */
function batches(rounds: number): Measured[] {
  const made = dealEcdsaKey();
  return [10, 100].map((count) => {
    const often = Math.max(2, Math.ceil(2 * rounds / count));
    return {
      name: `${ours}: ECDSA batch of ${count}, 2 signers, per item`,
      parties: 2 * count,
      warm: often,
      count: often,
      run: async () => {
        const items = Array.from({ length: count }, () => ({ path: [], digest: platformRandom(32) }));
        const seed = platformRandom(8).toHex();
        results(await signEcdsaBatch({ made, signers: members.slice(0, 2), items, seed }));
      },
    };
  });
}

/** The three moves of one multiplication. */
function multiplying(rounds: number): Measured[] {
  const { alice, bob } = dealDirection(platformRandom);
  const setup = platformRandom(32), sessions = { bob: platformRandom(32), alice: platformRandom(32) };
  const first = () =>
    rvoleBob({ setup, keys: bob.offered, items: 1, session: sessions.bob, random: platformRandom });
  const fixed = first();
  const second = () =>
    rvoleAlice({
      setup,
      keys: alice.chosen,
      delta: alice.delta,
      items: 1,
      sessions,
      message: fixed.message,
    })!.multiply(0, [5n, 7n], platformRandom);
  const { message } = second();
  const often = { parties: 1, warm: 3 * rounds, count: 3 * rounds };
  return [
    { name: "multiplication, Bob's first move", run: first, ...often },
    { name: "multiplication, Alice's move", run: second, ...often },
    {
      name: "multiplication, Bob's second move",
      run: () => fixed.unmask(0, sessions.alice, message),
      ...often,
    },
  ];
}

const ours = "quorate", theirs = "@0xcarbon/dkls23-wasm";

/** Everything that is compared, `rounds` times where it is short. */
export async function ecdsaBesidePeer(rounds: number): Promise<Figure[]> {
  const peer = await loadPeer().catch((error: Error) => {
    console.error(`${error.message}; measuring ours alone`);
    return null;
  });
  const few = Math.max(2, Math.ceil(rounds / 8));
  const made = await measure([
    {
      name: `${ours}: ECDSA key generation 2-of-3`,
      parties: 3,
      warm: 1,
      count: few,
      run: generating(diffieHellman),
    },
    {
      name: `${ours}: ECDSA key generation 2-of-3 without node:crypto`,
      parties: 3,
      warm: 0,
      count: few,
      run: generating(portableDiffieHellman),
    },
    ...peer === null ? [] : [{
      name: `${theirs}: key generation 2-of-3`,
      parties: 3,
      warm: 0,
      count: few,
      run: () => peerGenerating(peer, 2, 3),
    }],
  ]);
  const signed = await measure([2, 3].flatMap((threshold): Measured[] => {
    const often = { parties: threshold, warm: rounds, count: rounds };
    const mine = {
      name: `${ours}: ECDSA signature, ${threshold} signers`,
      run: signing(threshold),
      ...often,
    };
    if (peer === null) return [mine];
    const { parties } = peerGenerating(peer, threshold, threshold);
    const run = peerSigning(peer, parties, threshold);
    return [mine, { name: `${theirs}: signature, ${threshold} signers`, run, ...often }];
  }));
  return [...made, ...signed, ...await measure(batches(rounds)), ...await measure(multiplying(rounds))];
}
