/**
 * `link`: an invitation as a link to a page, and as a QR code for a phone.
 * @module
 */
import { defineCommand } from "citty";
import { renderUnicodeCompact } from "uqr";
import { formatInvitation, parseInvitation } from "../cluster/roster/join.ts";
import { InputError } from "../errors.ts";

/** What a page does with the invitation. */
const wishes = ["hold", "watch"] as const;

export const linkCommand = defineCommand({
  meta: { name: "link", description: "Show an invitation as a link and as a QR code" },
  args: {
    file: { type: "positional", required: true, description: "what `run --invite` wrote" },
    page: { type: "string", required: true, description: "where the page is: https://…" },
    wish: { type: "string", default: "hold", description: "hold, a share; or watch" },
  },
  async run({ args: { file, page, wish } }) {
    if (!(wishes as readonly string[]).includes(wish)) {
      throw new InputError("wish", `expected ${wishes.join(" or ")}, found “${wish}”`);
    }
    const invitation = formatInvitation(parseInvitation(await read(file)));
    const link = new URL(pageOf(page));
    link.hash = wish === "hold" ? `hold=${invitation}` : invitation;
    // Whoever sees this can use it: it goes to the screen of whoever asked for it, and to no log.
    console.log(`${link.href}\n\n${renderUnicodeCompact(link.href)}`);
  },
});

async function read(file: string): Promise<string> {
  try {
    return await Deno.readTextFile(file);
  } catch (cause) {
    throw new InputError("file", `expected a file with an invitation, found that ${file} cannot be read`, {
      cause,
    });
  }
}

/** A page elsewhere must be secure, or it has no keys to work with (Secure Contexts §3.1). @throws {InputError} */
function pageOf(page: string): string {
  const url = URL.parse(page);
  const near = url !== null && /^(localhost|127\.0\.0\.1|\[::1\]|.+\.localhost)$/.test(url.hostname);
  if (url?.protocol === "https:" || (url?.protocol === "http:" && near)) return page;
  throw new InputError("page", `expected an address that begins with https://, found “${page}”`);
}
