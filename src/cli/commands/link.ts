/**
 * `link`: an invitation as a link to a page, and as a QR code for a phone.
 * @module
 */
import { renderUnicodeCompact } from "uqr";
import { formatInvitation, parseInvitation } from "../../cluster/roster/admission/invitation_link.ts";
import { InputError } from "../../errors.ts";
import { readText } from "../files.ts";
import { printJson } from "../print.ts";
import { defineCommand, json } from "../arguments/command.ts";

export const linkCommand = defineCommand({
  meta: {
    name: "link",
    description: "Show an invitation as a link and as a QR code",
    examples: ["link bob.link --page https://quorate.example.org/"],
  },
  args: {
    file: { type: "positional", required: true, description: "the file that `run --invite` wrote" },
    page: { type: "string", required: true, description: "the address of the page: https://…" },
    wish: {
      type: "enum",
      options: ["hold", "watch"],
      default: "hold",
      description: "to hold a share, or to watch",
    },
    json,
  },
  async run({ args: { file, page, wish, json } }) {
    const invitation = formatInvitation(parseInvitation(await readText("file", file)));
    const link = new URL(pageOf(page));
    link.hash = wish === "hold" ? `hold=${invitation}` : invitation;
    if (json) return printJson({ link: link.href });
    // Anybody who sees this link can use it: it is printed for the person who asked, and never logged.
    console.log(`${link.href}\n\n${renderUnicodeCompact(link.href)}`);
  },
});

/**
 * Checks the page's address: beyond this machine a page without HTTPS has no WebCrypto (Secure Contexts
 * §3.1).
 *
 * @throws {InputError}
 */
function pageOf(page: string): string {
  const url = URL.parse(page);
  const near = url !== null && /^(localhost|127\.0\.0\.1|\[::1\]|.+\.localhost)$/.test(url.hostname);
  if (url?.protocol === "https:" || (url?.protocol === "http:" && near)) return page;
  throw new InputError("page", `expected an address that begins with https://, found “${page}”`);
}
