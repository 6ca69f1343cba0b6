import { deepEqual, doesNotReject, equal, match, ok, rejects, throws } from "node:assert/strict";
import { Server } from "node:http";
import { fileURLToPath } from "node:url";
import type { Network } from "../../src/ports.ts";
import { webSockets } from "../../src/transport/websocket.deno.ts";
import { settle, sleep, type TestHost, testHosts, until } from "./host.ts";

const listen = ["/ip4/127.0.0.1/tcp/0/ws"];
const never = new AbortController().signal;

function child(...args: string[]): Deno.ChildProcess {
  return new Deno.Command(Deno.execPath(), {
    args: ["run", "--no-check", "--allow-net=127.0.0.1", "--allow-env", "--allow-read", "child.ts", ...args],
    cwd: fileURLToPath(new URL(".", import.meta.url)),
    stdout: "piped",
    stderr: "inherit",
  }).spawn();
}

async function withNodes(count: number, run: (hosts: TestHost[], nodes: Network[]) => Promise<void>) {
  const hosts = testHosts(count);
  const nodes = await Promise.all(hosts.map((host) => webSockets({ listen }).start(host)));
  try {
    await run(hosts, nodes);
  } finally {
    await Promise.all(nodes.map((node) => node.stop()));
    await settle();
  }
}

Deno.test("webSockets() carries a frame of 200 bytes there and back in less than 10 ms", async () => {
  await withNodes(2, async ([, b], [here, there]) => {
    there!.handle("/echo/1", async (channel) => {
      let frame: Uint8Array | null;
      while ((frame = await channel.receive()) !== null) await channel.send(frame);
      await channel.end();
    });
    await here!.connect(b!.peer, there!.addresses(), never);
    const channel = await here!.open(b!.peer, "/echo/1", {});
    const times: number[] = [];
    for (let n = 0; n < 200; n++) {
      const begun = performance.now();
      await channel.send(new Uint8Array(200));
      await channel.receive();
      times.push(performance.now() - begun);
    }
    await channel.end();
    equal(await channel.receive(), null);
    times.sort((x, y) => x - y);
    ok(times[100]! < 10, `median ${times[100]} ms`); // 44 ms with Deno's own client
  });
});

Deno.test("webSockets() changes no global, neither imported nor started", async () => {
  const { stdout } = await child("globals").output();
  const { imported, started, stopped, native } = JSON.parse(new TextDecoder().decode(stdout));
  deepEqual({ imported, started, stopped }, { imported: [], started: [], stopped: [] });
  match(native[0], /^class WebSocket /);
  match(native[1], /^class BroadcastChannel /);
});

Deno.test("webSockets() notices within 250 ms that a process was killed", async () => {
  await withNodes(1, async ([host], [node]) => {
    const [, guest] = testHosts(2);
    host!.admitted.add(guest!.peer);
    const process = child("stay", "2", host!.peer, node!.addresses()[0]!);
    await until("the child", () => host!.peers.includes(`+${guest!.peer}`), 20_000);
    const killed = performance.now();
    process.kill("SIGKILL");
    await until("the notice", () => host!.peers.includes(`-${guest!.peer}`));
    const notice = performance.now() - killed;
    ok(notice < 250, `${notice} ms`);
    await process.output();
  });
});

Deno.test("stop() leaves nothing that keeps a process, with connections and without", async () => {
  await withNodes(1, async ([host], [node]) => {
    host!.admitted.add(testHosts(2)[1]!.peer);
    for (const args of [[], [host!.peer, node!.addresses()[0]!]]) {
      const process = child("leave", "2", ...args);
      let stopped = 0;
      const tooLong = setTimeout(() => process.kill("SIGKILL"), 20_000);
      for await (const text of process.stdout.pipeThrough(new TextDecoderStream())) {
        if (text.includes("stopped")) stopped = performance.now();
      }
      clearTimeout(tooLong);
      equal((await process.status).code, 0);
      const exit = performance.now() - stopped;
      ok(exit < 1_500, `exited ${exit} ms after stop()`); // gossipsub's last heartbeat timer runs out in up to 1 s
    }
  });
});

Deno.test("stop() of a node that listens ends where an HTTP server that never listened emits no close, as in Bun", async () => {
  const { close } = Server.prototype;
  Server.prototype.close = function (this: Server) {
    return this;
  };
  try {
    const network = await webSockets({ listen }).start(testHosts(1)[0]!);
    const late = Promise.withResolvers<string>();
    const timer = setTimeout(() => late.resolve("still stopping"), 5_000);
    const ended = await Promise.race([network.stop().then(() => "stopped"), late.promise]);
    clearTimeout(timer);
    equal(ended, "stopped");
  } finally {
    Server.prototype.close = close;
    await settle();
  }
});

Deno.test("webSockets() says in one sentence why it cannot listen", async () => {
  await withNodes(1, async (_, [node]) => {
    const taken = node!.addresses()[0]!.replace(/\/p2p\/.*/, "");
    const [, host] = testHosts(2);
    await rejects(webSockets({ listen: [taken] }).start(host!), {
      name: "InputError",
      field: "listen",
      message: `listen: cannot listen on ${taken}: the port is in use`,
    });
    await rejects(webSockets({ listen: ["/ip4/127.0.0.1/tcp/0"] }).start(host!), { name: "InputError" });
    throws(() => webSockets({ listen: ["localhost:80"] }), { name: "InputError", field: "listen" });
    for (const tail of ["wss", "tls/ws", "tls/sni/node.example.org/ws"]) {
      throws(() => webSockets({ listen: [`/ip4/127.0.0.1/tcp/4001/${tail}`] }), {
        name: "InputError",
        field: "listen",
        message:
          /expected an address without TLS, found .*: serving (wss|tls) takes a proxy.*docs\/operating\.md/,
      });
      webSockets({ listen, announce: [`/dns4/node.example.org/tcp/443/${tail}`] });
    }
  });
});

Deno.test("webSockets() tells others what it is told to announce", async () => {
  const [host] = testHosts(1);
  const announce = ["/dns4/alice.example/tcp/443/tls/ws"];
  const node = await webSockets({ listen, announce }).start(host!);
  deepEqual(node.addresses(), [`${announce[0]}/p2p/${host!.peer}`]);
  await node.stop();
  await settle();
});

Deno.test("start() refuses an identity whose name is not its key's", async () => {
  const [one, two] = testHosts(2);
  Object.defineProperty(one!.identity, "peer", { value: two!.peer });
  await rejects(webSockets({ listen }).start(one!), { name: "InputError", field: "identity" });
  await settle();
});

Deno.test("connect() fails as refused or left, and soon, where nobody or somebody else is", async () => {
  await withNodes(3, async ([, b, c], [here, there]) => {
    const nowhere = "/ip4/127.0.0.1/tcp/1/ws";
    await rejects(here!.connect(b!.peer, [nowhere], never), { reason: "left", found: null });
    await rejects(here!.connect(b!.peer, ["nonsense"], never), { name: "ChannelError" });
    await rejects(here!.connect(b!.peer, [], never), { name: "ChannelError" });
    const elsewhere = there!.addresses().map((address) => address.replace(/\/p2p\/.*/, ""));
    for (const addresses of [elsewhere, [nowhere, ...elsewhere]]) {
      await rejects(here!.connect(c!.peer, addresses, never), { reason: "refused", found: b!.peer });
    }
    await rejects(here!.connect(c!.peer, there!.addresses(), never), { reason: "refused" });
    await here!.connect(b!.peer, elsewhere, never);
    await sleep(0);
  });
});

/** Whether a client that only begins a connection is answered, rather than hung up on. Its end is in `socket`. */
function begins(port: string): { socket: WebSocket; answered: Promise<boolean> } {
  const socket = new WebSocket(`ws://127.0.0.1:${port}`);
  const { promise: answered, resolve } = Promise.withResolvers<boolean>();
  socket.onopen = () => socket.send(new TextEncoder().encode("\x13/multistream/1.0.0\n"));
  socket.onmessage = () => resolve(true);
  socket.onclose = () => resolve(false);
  return { socket, answered };
}

Deno.test("webSockets() lets 64 connections of one address begin at once, and not several hundred a second", async () => {
  await withNodes(1, async (_hosts, [node]) => {
    const port = /tcp\/(\d+)/.exec(node!.addresses()[0]!)![1]!;
    const together = async (count: number) => {
      const begun = Array.from({ length: count }, () => begins(port));
      const taken = (await Promise.all(begun.map(({ answered }) => answered))).filter(Boolean).length;
      await Promise.all(begun.map(({ socket }) => {
        if (socket.readyState === WebSocket.CLOSED) return;
        const closed = new Promise((resolve) => socket.onclose = resolve);
        socket.close();
        return closed;
      }));
      return taken;
    };
    equal(await together(64), 64);
    // Few at a time, so that it is not the number of those under way that turns one away.
    let taken = 8;
    for (let tries = 0; tries < 100 && taken === 8; tries++) taken = await together(8);
    ok(taken < 8, "all of 100 times 8 were let in");
  });
});

Deno.test("connect() reaches a peer at its good address whatever else stands beside it", async () => {
  await withNodes(2, async ([one, other], [a, b]) => {
    ok(one && other && a && b);
    const [good] = b.addresses();
    const bad = [
      "http://127.0.0.1:4001",
      "/ip4/127.0.0.1/tpc/4001/ws",
      "/ip4/127.0.0.1/tcp/9",
      "/ip4/127.0.0.1/tcp/9/ws",
    ];
    await doesNotReject(a.connect(other.identity.peer, [...bad, good!], never));
    ok(a.connected().includes(other.identity.peer));
  });
});
