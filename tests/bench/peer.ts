/**
 * One measured peer, as a process of its own: a real node that does what the bench says, and reports.
 * @module
 */
import process from "node:process";
import { adversary } from "../../src/demo/cheats/adversary.ts";
import { cheats } from "../../src/demo/cheats/cheats.ts";
import { TextLineStream } from "../../src/demo/lines.ts";
import type { SessionError } from "../../src/errors.ts";
import { parseRoster } from "../../src/cluster/roster/roster.ts";
import { identityFrom } from "../../src/identity/identity.ts";
import { assembleNode } from "../../src/node/assemble.ts";
import { platformClock, platformRandom } from "../../src/platform/platform.ts";
import { sqliteStore } from "../../src/store/sqlite.ts";
import { webSockets } from "../../src/transport/websocket.deno.ts";
import { workerVault } from "../../src/worker/client.ts";
import type { Beginning, Name, Orders, Request } from "./orders.ts";
import { LoopDelay, Watch } from "./watch.ts";

const lines = Deno.stdin.readable.pipeThrough(new TextLineStream()).getReader();
const { dir, peerSeed, storageKey, roster: text, listen }: Beginning = JSON.parse(
  (await lines.read()).value!,
);
const identity = await identityFrom({ peerSeed: Uint8Array.fromHex(peerSeed), storageKey });
const roster = parseRoster(text);
const villain = adversary(platformClock, {
  exit() {
    console.log(JSON.stringify({ gone: performance.timeOrigin + performance.now() }));
    Deno.exit(9);
  },
});
const watch = new Watch();
const delay = new LoopDelay();
const node = await assembleNode({
  approve: "roster",
  identity,
  roster,
  store: sqliteStore(`${dir}/shares.db`),
  transport: watch.transport(webSockets({ listen: [listen] })),
  clock: platformClock,
  random: platformRandom,
  vault: watch.vault(workerVault(identity.secrets(), identity.peer)),
  wrapWire: villain.wrapWire,
});
const reading = watch.read(identity.peer, node.events());

type Doing = { [N in Name]: (order: Orders[N]["order"]) => Promise<Orders[N]["answer"]> };
const doing: Doing = {
  linked: ({ count }) =>
    until(() =>
      [...node.peers.values()].filter(({ link, links }) => link === "up" && links.length >= count).length >=
        count
    ),
  async ready({ signers, ...key }) {
    await node.ready({ peers: signers, keys: [key] });
    return null;
  },
  async relink({ peer }) {
    const events = node.events();
    await node.network.disconnect(peer);
    let here = NaN;
    for await (const event of events) {
      if (!("other" in event) || event.other !== peer || event.peer !== node.self) continue;
      if (event.type === "peer" && event.state === "here") here = performance.now();
      if (event.type === "link" && event.state === "up" && here > 0) return performance.now() - here;
    }
    throw new Error("the node stopped");
  },
  generate: ({ wallet, scheme, threshold, members }) =>
    timed(() => node.generateKey({ wallet, scheme, threshold, ...members && { members } }).result),
  reshare: (request) => timed(() => node.reshare(request).result),
  async sign({ wallet, scheme, count, atOnce, signers, items }) {
    const each: number[] = [];
    let left = count;
    const one = async () => {
      while (left-- > 0) {
        const inputs = Array.from({ length: items ?? 1 }, () => ({ message: platformRandom(32) }));
        const choice = { wallet, scheme, ...signers && { signers } };
        each.push(
          await timed(async () =>
            await (items === undefined
              ? node.sign({ ...choice, ...inputs[0]! }).result
              : node.sign({ ...choice, items: inputs }).result)
          ),
        );
      }
    };
    const all = await timed(() => Promise.all(Array.from({ length: atOnce }, one)));
    return { each, all };
  },
  async fail({ wallet, scheme, signers }) {
    const { id, result } = node.sign({ wallet, scheme, message: platformRandom(32), signers });
    const code = await result.then(() => null, (error: SessionError) => error.code);
    watch.commands.set(id, { id, code, at: performance.timeOrigin + performance.now() });
    return id;
  },
  arm({ cheat }) {
    villain.arm(cheats.get(cheat)!);
    return Promise.resolve(null);
  },
  async seen({ id }) {
    const find = () => watch.failures.find((seen) => seen.id === id);
    await until(() => find() !== undefined);
    return find()!;
  },
  async ended({ id }) {
    await until(() => watch.commands.get(id) !== null);
    return watch.commands.get(id) ?? null;
  },
  beginDelay() {
    delay.begin();
    return Promise.resolve(null);
  },
  endDelay: () => Promise.resolve(delay.end()),
  processor() {
    const { user, system } = process.cpuUsage();
    return Promise.resolve((user + system) / 1000);
  },
  sent: () => Promise.resolve({ ...watch.sent }),
  memory: () => Promise.resolve(Deno.memoryUsage().rss),
};

async function timed(work: () => Promise<unknown>): Promise<number> {
  const begun = performance.now();
  await work();
  return performance.now() - begun;
}

async function until(holds: () => boolean): Promise<null> {
  for (const end = performance.now() + 20_000; !holds();) {
    if (performance.now() > end) throw new Error("waited 20 s");
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  return null;
}

async function obey({ call, name, order }: Request): Promise<void> {
  const reply = await (doing[name] as (order: unknown) => Promise<unknown>)(order).then(
    (answer) => ({ call, answer }),
    (error) => ({ call, error: `${name}: ${error} ${JSON.stringify(error.missing ?? [])}` }),
  );
  console.log(JSON.stringify(reply));
}

console.log(JSON.stringify({ call: 0, answer: null }));
for (;;) {
  const { value, done } = await lines.read();
  if (done) break;
  void obey(JSON.parse(value));
}
await node.stop();
await reading;
