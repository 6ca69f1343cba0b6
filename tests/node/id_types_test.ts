/**
 * What of ids must compile, and what must not: `deno check` reads this file, and an unused `@ts-expect-error` is an error
 * to it.
 */
import { doesNotThrow } from "node:assert/strict";
import type { CommandId, PeerId, QuorateNode, Session, SessionId } from "../../mod.ts";

Deno.test("ids: an id of one thing is not taken for that of another, and plain text is taken for any", () => {
  const take = { peer: (_: PeerId) => {}, command: (_: CommandId) => {}, session: (_: SessionId) => {} };
  const check = (peer: PeerId, node: QuorateNode, session: Session, keyId: SessionId) => {
    take.peer(peer);
    take.peer("12D3KooW");
    take.command(session.id);
    node.session(session.id);
    const text: string = peer;
    take.session(text);
    // @ts-expect-error A command's id is no peer's.
    take.peer(session.id);
    // @ts-expect-error A session's id is no command's.
    node.session(keyId);
    // @ts-expect-error A peer's id is no session's.
    take.session(peer);
  };
  doesNotThrow(() =>
    check("peer", { session: () => undefined } as unknown as QuorateNode, { id: "id" } as Session, "key")
  );
});
