import assert from "node:assert/strict";
import { formatInvitation, parseInvitation } from "../../../mod.ts";
import { readLink } from "../../../web/holder/fragment.ts";

const peer = "12D3KooW" + "A".repeat(44);
const invitation = {
  cluster: peer,
  peer,
  addresses: ["/dns4/node.example.org/tcp/443/wss", "/ip4/192.0.2.1/tcp/4001/ws"],
  token: new Uint8Array(16).fill(7),
};
const text = formatInvitation(invitation);
const page = "https://quorate.example.org/#";

/** What mail programs, chats and people make of a text. */
const mailed: Record<string, (text: string) => string> = {
  "as it is": (text) => text,
  "blanks around it": (text) => `  ${text}\u00a0 \n`,
  "wrapped": (text) => text.replace(/.{76}/g, "$&\n"),
  "wrapped with CRLF and an indent": (text) => text.replace(/.{60}/g, "$&\r\n    "),
  "soft line ends": (text) => text.replace(/.{75}/g, "$&=\r\n"),
  "soft line ends, and = written out": (text) => text.replaceAll("=", "=3D").replace(/.{75}/g, "$&=\r\n"),
  "quoted": (text) => `> ${text.replace(/.{70}/g, "$&\n> ")}`,
  "in angle brackets": (text) => `<${text}>`,
  "a full stop behind it": (text) => `${text}.`,
  "in parentheses, with a comma": (text) => `(${text}),`,
  "after words": (text) => `Here it is: ${text}`,
  "zero-width blanks in it": (text) => text.replace(/.{40}/g, "$&\u200b"),
  "a byte order mark before it": (text) => `\ufeff${text}`,
};

for (const [what, change] of Object.entries(mailed)) {
  Deno.test(`parseInvitation() and readLink() read an invitation through mail: ${what}`, () => {
    for (const before of ["", "#", page, `${page}hold=`, "hold="]) {
      const came = change(before + text);
      assert.doesNotThrow(() => parseInvitation(came), came);
      assert.deepEqual(parseInvitation(came), invitation, came);
      const wish = before.endsWith("hold=") ? "hold" : "watch";
      assert.deepEqual(readLink(came), { wish, invitation: text }, came);
    }
    assert.deepEqual(parseInvitation(change(`${page}${text}&session=12`)), invitation);
  });
}

Deno.test("parseInvitation() refuses what is none, and one that lost a part on the way", () => {
  const [half, changed] = [text.slice(0, -20), text.replace(/^.{40}/, "$&A")];
  for (const none of ["", "#", "hello", page, half, changed, `${text}A`, text.slice(5), text.toLowerCase()]) {
    assert.throws(
      () => parseInvitation(none),
      { name: "InputError", field: "invitation", why: "malformed" },
      none,
    );
  }
});
