import assert from "node:assert/strict";
import { invitationPart, linkedSession, sessionLink } from "../../web/text/session_link.ts";
import { readLink } from "../../web/holder/fragment.ts";

Deno.test("sessionLink() leaves the invitation where it was, so that a reload and whoever gets the link come in", () => {
  const link = sessionLink("7f21", "#WyJxdW9yYXRlLzEi");
  assert.equal(link, "#WyJxdW9yYXRlLzEi&session=7f21");
  assert.equal(invitationPart(link), "WyJxdW9yYXRlLzEi");
  assert.equal(readLink(link)?.invitation, "WyJxdW9yYXRlLzEi");
  assert.equal(linkedSession(link), "7f21");
  assert.equal(sessionLink("a90c", link), "#WyJxdW9yYXRlLzEi&session=a90c");
});

Deno.test("sessionLink() of a page without an invitation names the session alone", () => {
  for (const hash of ["", "#", "#session=7f21", "#hold=WyJx"]) {
    assert.equal(sessionLink("a90c", hash), "#session=a90c", hash);
    assert.equal(invitationPart(hash), "", hash);
  }
  assert.equal(linkedSession("#WyJx"), null);
  assert.equal(sessionLink("a&b=c#d", ""), "#session=a%26b%3Dc%23d");
});
