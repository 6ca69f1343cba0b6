import { equal, match, notEqual, rejects } from "node:assert/strict";
import { createSocket } from "node:dgram";
import { fileURLToPath } from "node:url";
import type { TlsCertificate } from "../../src/ports.ts";
import { webSockets } from "../../src/transport/websocket.deno.ts";
import { webrtc } from "../../src/webrtc.ts";
import { settle, TestHost } from "./host.ts";

/** A host that keeps its transport's certificate. */
class KeepingHost extends TestHost {
  #kept: TlsCertificate | null = null;
  readonly certificate = {
    load: () => Promise.resolve(this.#kept),
    replace: (next: TlsCertificate) => {
      this.#kept = next;
      return Promise.resolve();
    },
  };
}

/** Starts a node with WebRTC, stops it. @returns Its addresses. */
async function addressesOf(
  host: TestHost,
  listen: string[],
  announce: string[] = [],
): Promise<readonly string[]> {
  const network = await webSockets({ listen, announce, webrtc: webrtc() }).start(host);
  const addresses = network.addresses();
  await network.stop();
  await settle();
  return addresses;
}

/** A UDP port that is taken while `run` runs, and free before and after. */
async function withTakenPort(run: (port: number) => Promise<void>): Promise<void> {
  const socket = createSocket("udp4");
  await new Promise<void>((resolve) => socket.bind({ address: "127.0.0.1", port: 0 }, () => resolve()));
  try {
    await run(socket.address().port);
  } finally {
    await new Promise<void>((resolve) => socket.close(() => resolve()));
  }
}

async function freeUdpPort(): Promise<number> {
  let free = 0;
  await withTakenPort((port) => Promise.resolve(void (free = port)));
  return free;
}

/** At another port each time: node-datachannel 0.33.4 gives one back for certain only when its process ends. */
async function hashOf(host: TestHost): Promise<string> {
  const listen = [`/ip4/127.0.0.1/udp/${await freeUdpPort()}/webrtc-direct`];
  const [address] = await addressesOf(host, listen);
  const [, hash] = address!.match(new RegExp(`^${listen[0]}/certhash/(uEi[\\w-]{44})/p2p/${host.peer}$`)) ??
    [];
  return hash ?? `none in ${address}`;
}

Deno.test("webSockets({ webrtc }) has the same hash in its address at every start, where its host keeps it", async () => {
  const host = new KeepingHost(1);
  const first = await hashOf(host);
  match(first, /^uEi/);
  equal(await hashOf(host), first);
  notEqual(await hashOf(new TestHost(1)), first); // it keeps none
});

Deno.test("webSockets({ webrtc }) adds the certificate's hash to what it is told to announce", async () => {
  const host = new KeepingHost(1);
  const announce = ["/ip4/203.0.113.7/udp/4003/webrtc-direct"];
  const [address] = await addressesOf(
    host,
    [`/ip4/127.0.0.1/udp/${await freeUdpPort()}/webrtc-direct`],
    announce,
  );
  match(address!, new RegExp(`^${announce[0]}/certhash/uEi[\\w-]{44}/p2p/${host.peer}$`));
});

Deno.test("webSockets({ webrtc }) says in one sentence why it cannot listen, and can later", async () => {
  const host = new TestHost(1);
  let listen: string[] = [];
  await withTakenPort(async (port) => {
    listen = [`/ip4/127.0.0.1/udp/${port}/webrtc-direct`];
    await rejects(addressesOf(host, listen), {
      name: "InputError",
      field: "listen",
      message: `listen: cannot listen on ${listen[0]}: the port is in use`,
    });
  });
  const [address] = await addressesOf(host, listen);
  match(address!, /\/certhash\//);
  const elsewhere = "/ip4/203.0.113.7/udp/4003/webrtc-direct"; // RFC 5737: nobody's
  await rejects(addressesOf(host, [elsewhere]), {
    message: `listen: cannot listen on ${elsewhere}: not an address of this machine`,
  });
});

Deno.test("connect() by WebRTC-direct between two Deno nodes succeeds each of twenty times, and carries streams", async () => {
  const { code, stdout } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "--no-check", "-A", "direct_child.ts", String(await freeUdpPort()), "20"],
    cwd: fileURLToPath(new URL(".", import.meta.url)),
    stderr: "inherit",
  }).output();
  equal(code, 0);
  equal(new TextDecoder().decode(stdout), "webrtc-direct 60000 refused\n".repeat(20));
});
