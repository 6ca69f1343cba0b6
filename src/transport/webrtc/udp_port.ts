/**
 * A check whether a WebRTC-direct address can be listened on, made before node-datachannel 0.33.4 tries: that
 * one gives no reason, prints to standard error, and @libp2p/webrtc 6.0.33 then refuses the address for the
 * rest of the process.
 * @module
 */
import { createSocket } from "node:dgram";
import { type Multiaddr, multiaddr } from "@multiformats/multiaddr";
import { InputError } from "../../errors.ts";
import { freePort } from "./native_end.ts";

const reasons = new Map([
  ["EADDRINUSE", "the port is in use"],
  ["EACCES", "not permitted"],
  ["EPERM", "not permitted"],
]);

/** Tries the WebRTC-direct addresses. @throws {InputError} `listen`, if one cannot be listened on. */
export async function tryUdpPorts(listen: readonly string[]): Promise<void> {
  for (const address of listen) {
    const at = udpOf(multiaddr(address));
    if (at === null || at.port === 0) continue;
    freePort(at.port);
    await bind(at).catch((cause) => {
      const reason = reasons.get(cause.code) ?? "not an address of this machine";
      const code = cause.code === "EADDRINUSE" ? "in-use" : "unreadable";
      throw new InputError("listen", `cannot listen on ${address}: ${reason}`, { cause, code });
    });
  }
}

interface UdpAddress {
  type: "udp4" | "udp6";
  host: string;
  port: number;
}

function udpOf(address: Multiaddr): UdpAddress | null {
  const [ip, udp, direct] = address.getComponents();
  if (direct?.name !== "webrtc-direct" || ip?.value === undefined) return null;
  return { type: ip.name === "ip6" ? "udp6" : "udp4", host: ip.value, port: Number(udp?.value) };
}

/** Listens on an address, and stops at once. */
function bind({ type, host, port }: UdpAddress): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = createSocket(type);
    socket.once("error", reject);
    socket.bind({ address: host, port }, () => socket.close(resolve));
  });
}
