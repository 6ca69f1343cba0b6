/**
 * Bugs in how the wire of a session ends its streams.
 * @module
 */
import type { Mutant } from "./mutants.ts";

const ends = (test: string) => ({ file: "tests/session/wire_ends_test.ts", test });
const links = (test: string) => ({ file: "tests/negative/link_test.ts", test });
const patch = (file: string, find: string, replace: string) => ({ file: `src/${file}`, find, replace });
const wire = (find: string, replace: string) => [patch("session/wire.ts", find, replace)];

export const wireMutants: readonly Mutant[] = [
  {
    name: "a link's one stream ends before its last frame",
    patches: wire("...this.#incoming.filter((one) => !this.#sendsOn(one)).map(", "...this.#incoming.map("),
    caughtBy: links("Links: a peer whose confirmation is found wrong hears so"),
  },
  {
    name: "who listens to a link's one stream after its end ends it before its last frame",
    patches: wire("if (this.#finished && !this.#sendsOn(channel))", "if (this.#finished)"),
    caughtBy: ends("openWire() sends its last frame over a link's one stream, if it listens after"),
  },
  {
    name: "a stream that was opened too late stays open",
    patches: wire(
      "    key.fill(0); // it came too late to be used\n    channel.abort();\n",
      "    key.fill(0);\n",
    ),
    caughtBy: ends("openWire() drops a stream of its own that comes after its end"),
  },
  {
    name: "the key of a stream that was opened too late is kept",
    patches: wire("    key.fill(0); // it came too late to be used\n", ""),
    caughtBy: ends("openWire() drops a stream of its own that comes after its end"),
  },
  {
    name: "the stream of a link that failed is dropped with its last frame",
    patches: [
      patch(
        "cluster/links/link_exchange.ts",
        "if (!this.#isClosing) this.#channel.abort();",
        "this.#channel.abort();",
      ),
    ],
    caughtBy: links("Links: a peer whose confirmation is found wrong hears so"),
  },
];
