import assert from "node:assert/strict";
import { Approvers } from "../../../src/cli/approval/approvers.ts";
import { ControlApprover } from "../../../src/cli/control/control_approver.ts";
import type { RequestOf } from "../../../src/cli/control/requests.ts";
import { ExplainedFailure } from "../../../src/cli/control/replies.ts";
import { platformRandom } from "../../../src/platform/platform.ts";
import { Pair } from "../../node/pair.ts";
import { Served } from "./served.ts";

const name = { wallet: "treasury", scheme: "ed25519" } as const;
const none = { note: "Rent of November", reference: "" };
const sign: RequestOf<"sign"> = {
  ...{ method: "sign", ...name, ...none, items: [{ message: "pay 5 to Carol" }], waitMs: 10_000 },
};

/** Bob's node asks over its control socket; Alice's is asked to sign over hers. */
async function asking() {
  const approver = new ControlApprover(platformRandom);
  const approvers = new Approvers();
  approvers.add(approver);
  const approve = approvers.approval((peer) => peer === pair.alice.self ? "Alice" : "Bob");
  const pair: Pair = await Pair.start((request, options) =>
    request.kind === "sign" ? approve(request, options) : Promise.resolve("accept")
  );
  const [alice, bob] = [await Served.start(pair.alice), await Served.start(pair.bob, { approver })];
  await alice.ask<"create-key">({ method: "create-key", ...name, ...none, threshold: 2, waitMs: 10_000 });
  return {
    alice,
    bob,
    async [Symbol.asyncDispose]() {
      for (const one of [alice, bob, pair]) await one[Symbol.asyncDispose]();
    },
  };
}

async function theQuestion(bob: Served) {
  for (let i = 0; i < 200; i++) {
    const [question] = await bob.ask<"questions">({ method: "questions" });
    if (question) return question;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  throw new Error("Nobody was asked");
}

Deno.test("a person is shown over the control socket all that a yes covers, and the node signs after it", async () => {
  await using nodes = await asking();
  const { alice, bob } = nodes;
  const signing = alice.ask<"sign">(sign);
  signing.catch(() => {});
  const { code, lines } = await theQuestion(bob);
  const shown = lines.join("\n");
  for (const part of [/^Alice \(12D3Koo\w+\)/, /“treasury”/, /pay 5 to Carol/, /“Rent of November”/]) {
    assert.match(shown, part);
  }
  assert.equal((await bob.ask<"status">({ method: "status" })).questions, 1);
  const wrong = { method: "answer" as const, code: "00000000", decision: "accept" as const };
  await assert.rejects(bob.ask<"answer">(wrong), {
    name: "InputError",
    message: `code: expected that of a question that waits (${code}), found “00000000”`,
  });
  const answered = await bob.ask<"answer">({ method: "answer", code, decision: "accept" });
  assert.deepEqual(answered.lines, lines);
  assert.equal((await signing).signatures.length, 1);
  assert.deepEqual(await bob.ask<"questions">({ method: "questions" }), []);
});

Deno.test("a no over the control socket is a no, and a question that nobody waits for any more is withdrawn", async () => {
  await using nodes = await asking();
  const { alice, bob } = nodes;
  const refused = alice.ask<"sign">(sign);
  refused.catch(() => {});
  const { code } = await theQuestion(bob);
  await bob.ask<"answer">({ method: "answer", code, decision: "decline" });
  await assert.rejects(
    refused,
    (error) => error instanceof ExplainedFailure && error.fault.code === "declined",
  );

  const gone = new AbortController();
  const cancelled = alice.ask<"sign">(sign, { signal: gone.signal });
  cancelled.catch(() => {});
  const second = await theQuestion(bob);
  assert.notEqual(second.code, code);
  gone.abort();
  await assert.rejects(cancelled, { name: "AbortError" });
  for (let i = 0; i < 200 && (await bob.ask<"questions">({ method: "questions" })).length > 0; i++) {
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  await assert.rejects(
    bob.ask<"answer">({ method: "answer", code: second.code, decision: "accept" }),
    /none waits/,
  );
});

Deno.test("a node whose configuration asks nobody has no questions, and takes no answer", async () => {
  await using pair = await Pair.start();
  await using served = await Served.start(pair.alice);
  assert.deepEqual(await served.ask<"questions">({ method: "questions" }), []);
  await assert.rejects(
    served.ask<"answer">({ method: "answer", code: "00000000", decision: "accept" }),
    /code: expected a node that asks/,
  );
});
