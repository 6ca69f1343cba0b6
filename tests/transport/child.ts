/**
 * A node in a process of its own, for tests that look at processes. Says what it has done, a line each.
 *
 *     child.ts globals                       imports, starts, stops; says which globals differ, and how
 *     child.ts leave SEED [PEER ADDRESS]     connects, stops, says when, and has nothing left to do
 *     child.ts stay SEED PEER ADDRESS        connects and stays
 * @module
 */
import { sleep, TestHost } from "./host.ts";
// Deno itself changes three globals when the first CommonJS package or node:worker_threads is loaded, and a fourth when
// it is used for the first time. That is no doing of ours: let it be done before the first look.
import "node:worker_threads";
import "ws";
queueMicrotask(() => {});

const [mode, seed = "1", peer, address] = Deno.args;
const listen = ["/ip4/127.0.0.1/tcp/0/ws"];
const host = new TestHost(Number(seed));

type Globals = Record<string, PropertyDescriptor>;
const globals = (): Globals => Object.getOwnPropertyDescriptors(globalThis);
function differ(before: Globals, after: Globals): string[] {
  const names = new Set([...Object.keys(before), ...Object.keys(after)]);
  const keys = ["value", "get", "set", "writable", "enumerable", "configurable"] as const;
  return [...names].filter((name) => keys.some((key) => !Object.is(before[name]?.[key], after[name]?.[key])));
}

const before = globals();
const { webSockets } = await import("../../src/transport/websocket.deno.ts");
const imported = globals();
const network = await webSockets({ listen }).start(host);
const started = globals();

if (mode === "globals") {
  await network.stop();
  const native = [WebSocket, BroadcastChannel].map((one) =>
    Function.prototype.toString.call(one).slice(0, 30)
  );
  console.log(JSON.stringify({
    imported: differ(before, imported),
    started: differ(imported, started),
    stopped: differ(started, globals()),
    native,
  }));
} else {
  if (peer && address) {
    host.admitted.add(peer);
    await network.connect(peer, [address], AbortSignal.timeout(5_000));
    await sleep(300); // identify, gossip and pings have begun, and must not outlive the node
  }
  console.log("connected");
  if (mode === "leave") {
    await network.stop();
    console.log("stopped");
  }
}
