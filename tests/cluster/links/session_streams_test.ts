import assert from "node:assert/strict";
import type { Context } from "../../../src/cluster/events/event_context.ts";
import type { LinkKeys } from "../../../src/cluster/links/link_keys.ts";
import { SessionError } from "../../../src/errors.ts";
import { SessionStreams } from "../../../src/cluster/links/session_streams.ts";

const attempt = new Uint8Array(32);
const none = new Uint8Array();
const party = ["a", "b"];
const opens = {
  kind: "sign" as const,
  attempt,
  session: attempt,
  invite: none,
  go: none,
  coordinator: "a",
  party,
};

/** The streams of peer "b", which waits for "a" to open one. */
function streams(state: "up" | "none"): SessionStreams {
  const clock = { now: () => 0, monotonic: () => 0 };
  const context = { network: { handle() {} }, identity: { peer: "b" }, clock } as unknown as Context;
  return new SessionStreams(context, { state: () => state } as unknown as LinkKeys);
}

Deno.test("Streams.incoming() does not wait for a stream of a peer that is gone, or goes meanwhile", async () => {
  for (const state of ["up", "none"] as const) {
    const waiting = streams(state);
    assert.ok(waiting.begin(attempt));
    waiting.accept(attempt, party, 60_000);
    const opened = waiting.of(opens).incoming("a", new AbortController().signal);
    const soon = new Promise((resolve) => setTimeout(resolve, 20, "it still waits"));
    if (state === "up") waiting.disconnected("a");
    const error = await Promise.race([soon, opened.catch((error) => error)]);
    await soon;
    assert.ok(error instanceof SessionError, String(error));
    assert.deepEqual([error.code, error.missing], ["peer-left", ["a"]]);
  }
});
