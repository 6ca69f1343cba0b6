import { deepEqual, equal } from "node:assert/strict";
import { multiaddr } from "@multiformats/multiaddr";
import { gater } from "../../src/transport/libp2p/gater.ts";
import { originOf } from "../../src/transport/libp2p/origin.ts";
import { TestHost, testIdentity } from "./host.ts";

Deno.test("originOf() tells an IPv4 address, however it is written, and the network of 64 bits of an IPv6 one", () => {
  const origin = (address: string) => originOf(multiaddr(address));
  equal(origin("/ip4/192.0.2.7/tcp/4001/ws"), "192.0.2.7");
  equal(origin("/ip6/::ffff:192.0.2.7/tcp/4001/ws"), "192.0.2.7");
  equal(origin("/ip6/::ffff:c000:207/tcp/4002/ws"), "192.0.2.7");
  equal(origin("/ip6/2001:db8:0:1::9/tcp/1/ws"), origin("/ip6/2001:db8:0:1:ffff::1/udp/2"));
  equal(origin("/ip6/2001:db8:0:1::9/tcp/1/ws") === origin("/ip6/2001:db8:0:2::9/tcp/1/ws"), false);
  equal(origin("/dns4/peer.example/tcp/443/wss"), null);
});

Deno.test("gater() gives the strangers of one address half of the places, and the others to whoever else comes", () => {
  const host = new TestHost(1);
  host.room = 4;
  const { denyInboundEncryptedConnection: denies } = gater(host);
  const gone: (() => void)[] = [];
  let seed = 2;
  const comes = (address: string) => {
    const closed = new EventTarget();
    gone.push(() => closed.dispatchEvent(new Event("close")));
    const connection = Object.assign(closed, { remoteAddr: multiaddr(address), abort() {} });
    const peer = testIdentity(seed++).peer;
    // deno-lint-ignore no-explicit-any -- of a connection, what the gater looks at
    return denies!({ toString: () => peer } as any, connection as any) === false;
  };
  try {
    const taken = [1, 2, 3, 4].map((port) => comes(`/ip4/192.0.2.7/tcp/${port}/ws`));
    deepEqual(taken, [true, true, false, false]);
    equal(host.drops.length, 2, "those are counted");
    equal(comes("/ip6/2001:db8::1/tcp/1/ws"), true, "a joiner from elsewhere has a place");
    gone[0]!();
    equal(comes("/ip4/192.0.2.7/tcp/5/ws"), true, "and who leaves makes room");
    equal(comes("/ip4/198.51.100.1/tcp/1/ws"), true);
    equal(comes("/ip4/203.0.113.1/tcp/1/ws"), false, "four at most");
  } finally {
    for (const leaves of gone) leaves();
  }
});
