/**
 * A network with a longer way, in user space: what goes through is held up in both directions, and keeps its order.
 * @module
 */
import { connect, createServer, type Socket } from "node:net";

export interface Relay extends AsyncDisposable {
  /** Where it listens, on 127.0.0.1. */
  readonly port: number;
}

/**
 * Forwards every connection to `target` on 127.0.0.1.
 *
 * @param delayMs How long each byte is held up, one way, ms; read anew for each.
 */
export async function delayingRelay(target: number, delayMs: () => number): Promise<Relay> {
  const sockets = new Set<Socket>();
  const server = createServer((near) => {
    const far = connect(target, "127.0.0.1");
    for (const [from, to] of [[near, far], [far, near]] as const) {
      sockets.add(from);
      from.setNoDelay(true);
      holdUp(from, to, delayMs);
      from.on("close", () => sockets.delete(from));
    }
  });
  await new Promise<void>((resolve, reject) =>
    server.on("error", reject).listen(0, "127.0.0.1", () => resolve())
  );
  return {
    port: (server.address() as { port: number }).port,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** Each chunk waits for the one before it: timers alone do not keep the order, since their lengths are rounded. */
function holdUp(from: Socket, to: Socket, delayMs: () => number): void {
  let before = Promise.resolve();
  const later = (act: () => void) => {
    const due = performance.now() + delayMs();
    before = before.then(async () => {
      const left = due - performance.now();
      if (left > 0) await new Promise((resolve) => setTimeout(resolve, left));
      act();
    });
  };
  from.on("data", (chunk) => later(() => to.destroyed || to.write(chunk)));
  from.on("end", () => later(() => to.end()));
  from.on("error", () => later(() => to.destroy()));
  from.on("close", () => later(() => to.destroy()));
}
