/**
 * A relay of TCP connections whose way back can be held: what arrives there meanwhile is unaffected, so a test sees what
 * needs no answer. Not a test by itself.
 * @module
 */
import { connect, createServer, type Socket } from "node:net";

export interface HeldRelay extends AsyncDisposable {
  /** Where it listens, on 127.0.0.1. */
  readonly port: number;
  /** Holds back every byte on its way back from now on. */
  hold(): void;
  /** Sends on what was held, and holds back nothing more. */
  release(): void;
}

/** Forwards every connection to `target` on 127.0.0.1. */
export async function heldRelay(target: number): Promise<HeldRelay> {
  const sockets = new Set<Socket>();
  const held: (() => void)[] = [];
  let holding = false;
  const server = createServer((near) => {
    const far = connect(target, "127.0.0.1");
    for (const socket of [near, far]) {
      sockets.add(socket.setNoDelay(true));
      socket.on("error", () => socket.destroy());
    }
    near.on("data", (bytes) => far.write(bytes));
    far.on("data", (bytes) => holding ? held.push(() => near.write(bytes)) : near.write(bytes));
    near.on("close", () => far.destroy());
    far.on("close", () => near.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", () => resolve()));
  return {
    port: (server.address() as { port: number }).port,
    hold: () => void (holding = true),
    release() {
      holding = false;
      for (const send of held.splice(0)) send();
    },
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
