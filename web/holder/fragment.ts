/**
 * What a link to this page says behind its `#`: `#<invitation>` for one who watches, `#hold=<invitation>` for one who is
 * to hold shares. What follows `&` is the page's own. Pure.
 * @module
 */

import { inOneLine, invitationIn } from "../../src/cluster/roster/join.ts";

/** What one wants to be. */
export type Wish = "watch" | "hold";

/** What the link says; null if there is no invitation in it. */
export interface Linked {
  wish: Wish;
  /** Not looked at yet. */
  invitation: string;
}

const hold = "hold=";
/** As it stands before an invitation; a mail program may have written its `=` as `=3D`. */
const holding = /hold=(3D)?$/;

/** @param text A fragment with or without `#`, or the whole link, also as it comes out of a mail program. */
export function readLink(text: string): Linked | null {
  const whole = invitationIn(text);
  if (whole !== null) {
    const [before = ""] = inOneLine(text).split(whole);
    return { wish: holding.test(before) ? "hold" : "watch", invitation: whole };
  }
  const [first = ""] = text.slice(text.indexOf("#") + 1).trim().split("&");
  const wish = first.startsWith(hold) ? "hold" : "watch";
  const invitation = wish === "hold" ? first.slice(hold.length) : first;
  return invitation === "" || invitation.includes("=") ? null : { wish, invitation };
}

/** The fragment of a link, without `#`. */
export function linkFragment({ wish, invitation }: Linked): string {
  return wish === "hold" ? hold + invitation : invitation;
}
