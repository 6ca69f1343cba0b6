/**
 * The fragment of a link to this page: `#<invitation>` to watch, `#hold=<invitation>` to hold shares. The part after `&`
 * belongs to the page. Pure.
 * @module
 */

import { inOneLine, invitationIn } from "../../src/cluster/roster/admission/invitation_link.ts";

/** The role that a link is for. */
export type Wish = "watch" | "hold";

/** A link with an invitation. */
export interface Linked {
  wish: Wish;
  /** The invitation, not parsed yet. */
  invitation: string;
}

const hold = "hold=";
/** The mark before an invitation; a mail program may have written its `=` as `=3D`. */
const holding = /hold=(3D)?$/;

/**
 * @param text A fragment with or without `#`, or a whole link, also as a mail program wraps it.
 * @returns Null if it contains no invitation.
 */
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
