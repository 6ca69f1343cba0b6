/**
 * Seeded bugs of the control socket: who may connect, what a hang-up cancels, and whose answer counts.
 * @module
 */
import type { Mutant, Patch } from "./mutants.ts";

const patch = (file: string, find: string, replace: string): Patch => ({
  file: `src/cli/control/${file}`,
  find,
  replace,
});
const server = (test: string) => ({ file: "tests/cli/control/server_test.ts", test });
const requests = (test: string) => ({ file: "tests/cli/control/requests_test.ts", test });

export const controlMutants: readonly Mutant[] = [
  {
    name: "control: everybody on the machine can ask the node",
    patches: [
      patch("server.ts", "await chmod(made, 0o600);", "await chmod(made, 0o666);"),
      patch("server.ts", "checkMode({ mode }, path);", "void mode;"),
    ],
    caughtBy: server("for its owner only"),
  },
  {
    name: "control: a client asks at a socket that others can use",
    patches: [patch("socket_path.ts", "checkMode(found, path);", "")],
    caughtBy: server("a client takes no socket that others can connect to"),
  },
  {
    name: "control: a client asks at a socket of another user",
    patches: [
      patch("socket_path.ts", "if (socket.uid === store.uid) return;", "if (socket.uid !== -1) return;"),
    ],
    caughtBy: { file: "tests/cli/control/socket_path_test.ts", test: "of another user than the store's" },
  },
  {
    name: "control: the socket of a node that answers is taken over",
    patches: [patch("server.ts", " && await isAnswered(path)", " && path === options.store")],
    caughtBy: server("that of a live one refused"),
  },
  {
    name: "control: a stopped node removes the socket of the next one",
    patches: [patch("server.ts", "?.ino === place.ino)", ") ")],
    caughtBy: server("that of a live one refused"),
  },
  {
    name: "control: the words of an unexpected error leave the node",
    patches: [
      patch(
        "replies.ts",
        'return { type: "internal" };',
        'return { type: "store", message: String(error) };',
      ),
    ],
    caughtBy: server("its words do not leave it"),
  },
  {
    name: "control: a request is taken with keys that nobody knows",
    patches: [
      patch(
        "requests.ts",
        'v.strictObject({ method: v.literal("status") })',
        'v.object({ method: v.literal("status") })',
      ),
    ],
    caughtBy: server("refuses what is no request"),
  },
  {
    name: "control: Ctrl+C leaves the session running",
    patches: [patch("performing.ts", 'signal.addEventListener("abort", cancel, { once: true });', "")],
    caughtBy: requests("hanging up cancels the session"),
  },
  {
    name: "control: a session begins although whoever asked has gone",
    patches: [patch("operations/sign.ts", "about.signal.throwIfAborted();", "")],
    caughtBy: requests("begins none"),
  },
  {
    name: "control: a no is taken for a yes",
    patches: [patch("control_approver.ts", ".decide(decision);", '.decide("accept");')],
    caughtBy: { file: "tests/cli/control/control_approver_test.ts", test: "a no over the control socket" },
  },
  {
    name: "control: any word lets a stranger in",
    patches: [patch("operations/admission.ts", "if (!isFourthWord(request, word)) {", 'if (word === "") {')],
    caughtBy: {
      file: "tests/cli/control/admission_test.ts",
      test: "a peer is admitted over the control socket",
    },
  },
  {
    name: "control: the command for a newcomer forgets that it comes",
    patches: [{
      file: "src/cli/reshare_command.ts",
      find: "const next = newcomer === undefined ? stay : [...stay, newcomer];",
      replace: "const next = stay;",
    }],
    caughtBy: { file: "tests/cli/reshare_test.ts", test: "commandsFor() gives a newcomer a share" },
  },
  {
    name: "control: the word that lets a stranger in is listed",
    patches: [
      patch("operations/admission.ts", "words: comparedWords({ words }),", 'words: words.join(" "),'),
    ],
    caughtBy: {
      file: "tests/cli/control/admission_test.ts",
      test: "a peer is admitted over the control socket",
    },
  },
  {
    name: "control: of two with one name the first is let in",
    patches: [
      patch(
        "operations/admission.ts",
        "request !== undefined && named.length === 1",
        "request !== undefined",
      ),
    ],
    caughtBy: { file: "tests/cli/control/admission_test.ts", test: "of two with one name the id is wanted" },
  },
];
