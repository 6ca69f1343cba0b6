/**
 * Bugs that the tests must find: in who approves for a node of the command line, a person or a webhook.
 * @module
 */
import type { Mutant, Patch } from "./mutants.ts";

const patch = (file: string, find: string, replace: string): Patch => ({ file, find, replace });
const webhook = "src/cli/approval/webhook.ts";
const webhookTest = (test: string) => ({ file: "tests/cli/webhook_test.ts", test });
const approversTest = (test: string) => ({ file: "tests/cli/approvers_test.ts", test });

export const approvalMutants: readonly Mutant[] = [
  {
    name: "a webhook's yes counts for another command",
    patches: [patch(webhook, "if (answer.output.id !== id) return", "if (answer.output.id === null) return")],
    caughtBy: webhookTest("webhookApproval() takes another command's id for a no"),
  },
  {
    name: "a webhook's yes counts with any status",
    patches: [patch(webhook, "if (response.status !== 200) {", "if (response.status > 599) {")],
    caughtBy: webhookTest("webhookApproval() takes status 403 for a no"),
  },
  {
    name: "a webhook's redirect is followed",
    patches: [patch(webhook, 'redirect: "manual",', 'redirect: "follow",')],
    caughtBy: webhookTest("webhookApproval() does not follow a redirect (307)"),
  },
  {
    name: "a webhook over plain http may be anywhere",
    patches: [patch(webhook, '(url.protocol === "http:" && isNear)', '(url.protocol === "http:" || isNear)')],
    caughtBy: webhookTest("webhookUrl() takes https, and http on this machine only"),
  },
  {
    name: "approval: a proxy answers for a webhook on this machine",
    patches: [{
      file: "src/cli/approval/webhook.ts",
      find: 'if (url.protocol === "http:" && goesToProxy(url.hostname, env)) {',
      replace: 'if (url.protocol === "" && goesToProxy(url.hostname, env)) {',
    }],
    caughtBy: webhookTest("webhookUrl() takes no http that a proxy could answer"),
  },
  {
    name: "a webhook's silence is a yes",
    patches: [patch(
      webhook,
      "if (patience.signal.aborted) return `no answer within ${timeoutMs} ms`;",
      "if (patience.signal.aborted) return null;",
    )],
    caughtBy: webhookTest("webhookApproval() waits until its deadline"),
  },
  {
    name: "the address of a webhook is in the log",
    patches: [
      patch(webhook, "return `no answer: ${codeOf(error)}`;", "return `no answer: ${error} ${asking.url}`;"),
    ],
    caughtBy: webhookTest("webhookApproval() says no where nobody listens"),
  },
  {
    name: "a webhook's signature leaves out the time",
    patches: [patch(
      "src/cli/approval/webhook_signature.ts",
      "encode(`${id}.${timestamp}.${body}`)",
      "encode(`${id}..${body}`)",
    )],
    caughtBy: webhookTest("webhookApproval() posts the whole request"),
  },
  {
    name: "a yes at the terminal needs no code",
    patches: [patch(
      "src/cli/approval/terminal_approver.ts",
      "if (typed === `yes ${code}`) return",
      'if (typed.startsWith("yes")) return',
    )],
    caughtBy: approversTest("terminalApprover() takes a yes with the code of the question"),
  },
  {
    name: "nobody's answer is a no, so that a command is declined for ever",
    patches: [
      patch(
        "src/cli/approval/approvers.ts",
        "      over.abort();\n",
        '      over.abort();\n      resolve("decline");\n',
      ),
    ],
    caughtBy: approversTest("Approvers: without a decision there is none"),
  },
  {
    name: "a node that is started for one command says yes where nobody can be asked",
    patches: [patch("src/cli/approval/command_approver.ts", 'return "decline";', 'return "accept";')],
    caughtBy: approversTest("commandApprover() takes the terminal's answer"),
  },
  {
    name: "a node that is started for one command asks nobody",
    patches: [patch(
      "src/cli/control/ask.ts",
      "startNode(config, { transport, approvers, note: takers.note })",
      "startNode(config, { transport, note: takers.note })",
    )],
    caughtBy: {
      file: "tests/cli/terminal_test.ts",
      test: "a node that is started for one command without a terminal declines at once",
    },
  },
  {
    name: "a person is not shown which key it is",
    patches: [patch(
      "src/cli/approval/request_text.ts",
      'if (request.kind !== "generate") yield',
      'if (request.kind !== "generate" && request.keyId === "") yield',
    )],
    caughtBy: approversTest("linesOf() shows all of a signing request"),
  },
  {
    name: "a person is not shown whose shares deal a key anew",
    patches: [patch(
      "src/cli/approval/request_text.ts",
      "yield `  shares used    those of ${names(dealers)}`;",
      "void dealers;",
    )],
    caughtBy: approversTest("linesOf() and requestJson() show a resharing"),
  },
  {
    name: "a digest of an unknown hash is shown as one of a hash called other",
    patches: [patch("src/cli/approval/request_text.ts", 'hash === "other" ?', 'hash === "" ?')],
    caughtBy: approversTest("linesOf() shows all of a signing request"),
  },
  {
    name: "a message can imitate a line of the terminal",
    patches: [patch(
      "src/cli/approval/request_text.ts",
      "text === null ? `${message.toHex()} (hex, ${size})` : `“${visible(text)}” (${size})`",
      "text === null ? `${message.toHex()} (hex, ${size})` : `“${text}” (${size})`",
    )],
    caughtBy: approversTest("linesOf() shows all of a signing request"),
  },
  {
    name: "a mistaken secret is in the error",
    patches: [patch(
      "src/cli/secrets.ts",
      "expected ${secretPlace}, found a file that cannot be read",
      "expected ${secretPlace}, found ${file}",
    )],
    caughtBy: { file: "tests/cli/config_test.ts", test: "secretAt() reads files and variables" },
  },
  {
    name: "an unknown flag is swallowed",
    patches: [
      patch(
        "src/cli/arguments/check_arguments.ts",
        "if (!flag || rawName !== `--${name}`) {",
        "if (!flag) continue;\n    if (rawName !== `--${name}`) {",
      ),
    ],
    caughtBy: {
      file: "tests/cli/arguments_test.ts",
      test: "runProgram() refuses each wrong argument by name",
    },
  },
  {
    name: "paths in node.json are those of the working directory",
    patches: [
      patch(
        "src/cli/config.ts",
        "const at = (path: string) => resolve(folder, path);",
        "const at = (path: string) => folder && resolve(path);",
      ),
    ],
    caughtBy: { file: "tests/cli/config_test.ts", test: "readConfig() takes paths as relative to the file" },
  },
];
