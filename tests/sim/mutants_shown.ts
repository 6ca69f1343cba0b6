/**
 * Bugs in what is shown of a peer to others, and in who has left.
 * @module
 */
import type { Mutant } from "./mutants.ts";

export const shownMutants: readonly Mutant[] = [
  {
    name: "an echo in a message that is shown as evidence is not compared",
    patches: [{
      file: "src/session/net.ts",
      find: "    this.#compareSoon(index, new Map([[from, received]]));\n",
      replace: "",
    }],
    caughtBy: {
      file: "tests/negative/session_test.ts",
      test: "runSession() names at every peer who put words into mouths before one of them only",
    },
  },
  {
    name: "a peer that is gone before a stream to it is opened has lost its link",
    patches: [{
      file: "src/cluster/links/session_streams.ts",
      find: '    if (link === null && this.#links.state(peer) === "none") throw new ChannelError("left");\n',
      replace: "",
    }],
    caughtBy: {
      file: "tests/negative/sign_test.ts",
      test: "sign() finds missing who is silent, and who crashes",
    },
  },
];
