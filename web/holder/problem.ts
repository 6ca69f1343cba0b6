/**
 * What went wrong, for a person to read.
 * @module
 */
import { InputError, InvitationError, StoreError } from "../../mod.ts";
import { invitationProblems } from "../text/invitation.ts";
import { plainInput } from "../text/plain_input.ts";

/** What to say, and of which field. */
export interface Problem {
  /** As an `InputError` names it; null if it is about none. */
  field: string | null;
  text: string;
}

/** What nobody expected is a mistake of this page: it is said as one, and told to the browser's console. */
export function problemOf(error: unknown): Problem {
  if (error instanceof InvitationError) {
    const { what, next } = invitationProblems[error.why];
    return { field: error.field, text: `${what} ${next}` };
  }
  if (error instanceof InputError) return { field: error.field, text: plainInput(error) };
  if (error instanceof StoreError) return { field: null, text: error.message };
  reportError(error);
  return { field: null, text: "This page made a mistake. Its details are in the browser's console." };
}
