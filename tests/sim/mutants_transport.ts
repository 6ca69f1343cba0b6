/**
 * Seeded bugs in the opening of streams.
 * @module
 */
import type { Mutant, Patch } from "./mutants.ts";

const patch = (file: string, find: string, replace: string): Patch => ({
  file: `src/transport/${file}`,
  find,
  replace,
});
const opening = (test: string) => ({ file: "tests/transport/opening_test.ts", test });

export const transportMutants: readonly Mutant[] = [
  {
    name: "a node that listens never stops in Bun",
    patches: [patch("websocket.deno.ts", 'listener.http?.emit("close");', "")],
    caughtBy: { file: "tests/transport/websocket_test.ts", test: "emits no close, as in Bun" },
  },
  {
    name: "a stream waits until its protocol is negotiated",
    patches: [patch("libp2p/opening.ts", "negotiateFully: false });", "negotiateFully: true });")],
    caughtBy: opening("open() and the first send() wait for nothing that the peer sends"),
  },
  {
    name: "the first frame waits for the peer's agreement",
    patches: [
      patch(
        "libp2p/streams.ts",
        "    const stream = this.#stream;\n    try {",
        "    const stream = this.#stream;\n    while (this.#awaited.length > 0 && !this.#broken) await this.#change.promise;\n    try {",
      ),
    ],
    caughtBy: opening("open() and the first send() wait for nothing that the peer sends"),
  },
  {
    name: "a refused stream counts as one that broke",
    patches: [
      patch(
        "libp2p/streams.ts",
        'return this.#break(new ChannelError("refused"));',
        'return this.#break(new ChannelError("left"));',
      ),
    ],
    caughtBy: opening("a channel is refused by anything but the peer's agreement"),
  },
  {
    name: "frames are taken from a peer that agrees on another protocol",
    patches: [patch("libp2p/streams.ts", "if (line !== this.#awaited[0]) {", 'if (line === "na\\n") {')],
    caughtBy: opening("a channel is refused by anything but the peer's agreement"),
  },
  {
    name: "a peer that ends a stream before it agrees counts as one that has no more to say",
    patches: [
      patch(
        "libp2p/streams.ts",
        "if (this.#reader.buffered === 0 && this.#awaited.length === 0) return null;",
        "if (this.#reader.buffered === 0) return null;",
      ),
    ],
    caughtBy: opening("a peer that ends or breaks a stream before it has agreed has left"),
  },
  {
    name: "the simulation's network refuses a stream at once",
    patches: [
      patch(
        "memory/memory.ts",
        '    if (!other) throw new ChannelError("left");\n    const stream',
        '    if (!other) throw new ChannelError("left");\n    if (!other.handlers.has(protocol)) throw new ChannelError("refused");\n    const stream',
      ),
    ],
    caughtBy: {
      file: "tests/transport/memory_test.ts",
      test: "a stream that nobody serves is refused at the first",
    },
  },
];
