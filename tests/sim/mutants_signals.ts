/**
 * Bugs of calls whose signal aborts, that the tests must find.
 * @module
 */
import type { Mutant, Patch } from "./mutants.ts";

const patch = (file: string, find: string, replace: string): Patch => ({
  file: `src/${file}`,
  find,
  replace,
});
const calls = (test: string) => ({ file: "tests/node/signals_test.ts", test });
const locks = (test: string) => ({ file: "tests/node/lock_signals_test.ts", test });

export const signalMutants: readonly Mutant[] = [
  {
    name: "signals: one that has aborted already lets everything begin",
    patches: [
      patch("platform/signals.ts", "  signal?.throwIfAborted();\n  if (!signal)", "  if (!signal)"),
    ],
    caughtBy: locks("lets no identity be made, opened or asked for"),
  },
  {
    name: "signals: one that has aborted begins a session",
    patches: [patch("node/requests.ts", "    signal?.throwIfAborted();\n", "")],
    caughtBy: calls("begins no session: the request throws its reason"),
  },
  {
    name: "signals: a node of which nobody wants anything any more opens its store",
    patches: [patch("node/create.ts", "  options.signal?.throwIfAborted();\n", "")],
    caughtBy: calls("touches neither store nor transport"),
  },
  {
    name: "signals: a node that is not wanted any more runs",
    patches: [patch("node/assemble.ts", "if (signal?.aborted) {", "if (false) {")],
    caughtBy: calls("whose signal aborts while its transport starts stops that"),
  },
  {
    name: "signals: a backup is recorded though its reading was given up",
    patches: [patch("node/backups.ts", "  signal?.throwIfAborted();\n", "")],
    caughtBy: calls("confirmBackup() whose signal aborts meanwhile records nothing"),
  },
  {
    name: "signals: the question about an outcome takes none",
    patches: [
      patch(
        "node/requests.ts",
        "unlessAborted(signal, async () => pastOutcome",
        "unlessAborted(undefined, async () => pastOutcome",
      ),
    ],
    caughtBy: calls("outcome() whose signal aborts while others are asked rejects at once"),
  },
  {
    name: "signals: an identity is stored though its lock was given up",
    patches: [
      patch("identity/stored_identity.ts", "      signal?.throwIfAborted();\n", ""),
    ],
    caughtBy: locks("while a passkey is asked for rejects at once, and stores nothing"),
  },
  {
    name: "signals: a key file is written though its lock was given up",
    patches: [patch("identity/key_file.ts", "    signal?.throwIfAborted();\n", "")],
    caughtBy: locks("while it is locked writes no file"),
  },
  {
    name: "signals: a backup is restored though its lock was given up",
    patches: [
      patch(
        "node/restore.ts",
        "  const write = await keep(identity);\n  signal?.throwIfAborted();\n",
        "  const write = await keep(identity);\n",
      ),
    ],
    caughtBy: locks("aborts at the lock, writes nothing"),
  },
];
