/**
 * What the page's address says behind its `#`: the invitation that it was opened with, and behind `&` the session that
 * is looked at. Pure.
 * @module
 */
import type { SessionKey } from "../state/sessions.ts";

/** The invitation's part of a fragment; empty if there is none. */
export function invitationPart(hash: string): string {
  const [first = ""] = hash.replace(/^#/, "").split("&");
  return first.includes("=") ? "" : first;
}

/** The session that a fragment points at. */
export function linkedSession(hash: string): SessionKey | null {
  return new URLSearchParams(hash.replace(/^#/, "")).get("session");
}

/** A link to a session: the invitation stays, so that it can be opened anew, or by somebody else. */
export function sessionLink(session: SessionKey, hash = globalThis.location?.hash ?? ""): string {
  const invitation = invitationPart(hash);
  return `#${invitation === "" ? "" : `${invitation}&`}session=${encodeURIComponent(session)}`;
}
