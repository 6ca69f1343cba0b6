/**
 * Errors as sentences for a person.
 * @module
 */
import { InputError, InvitationError, StoreError } from "../../mod.ts";
import { invitationProblems } from "../text/invitation.ts";
import { plainInput } from "../text/plain_input.ts";

/** A sentence about an error, and the field that it is about. */
export interface Problem {
  /** The field as an `InputError` names it; null if it is about none. */
  field: string | null;
  text: string;
}

/** The sentence for an error. An unexpected error counts as a mistake of this page, and is reported to the browser's console. */
export function problemOf(error: unknown): Problem {
  if (error instanceof InvitationError) {
    const { what, next } = invitationProblems[error.why];
    return { field: error.field, text: `${what} ${next}` };
  }
  if (error instanceof InputError) return { field: error.field, text: plainInput(error) };
  if (error instanceof StoreError) return { field: null, text: error.message };
  reportError(error);
  return { field: null, text: "This page made a mistake. The details are in the browser's console." };
}
