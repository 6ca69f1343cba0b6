/**
 * The remarks in a command: the initiator's own words about it. They are signed, and shown where the command
 * itself arrives: to whoever approves it, and in that node's own events and log. Gossip never has them.
 * @module
 */
import { InputError } from "../../errors.ts";
import { maxNote, maxReference } from "../../limits.ts";
import { wrongRemark } from "../../text/remark.ts";
import type { Command } from "./command.ts";

/** The remarks in a command; each is empty if the initiator gives none. */
export type Remarks = Pick<Command, "note" | "reference">;

/** Checks the remarks in a command or a request. @throws {InputError} `note`, `reference` */
export function checkRemarks({ note, reference }: Remarks): void {
  const wrongNote = wrongRemark(note, maxNote);
  if (wrongNote !== null) throw new InputError("note", wrongNote);
  const wrongReference = wrongRemark(reference, maxReference);
  if (wrongReference !== null) throw new InputError("reference", wrongReference);
}

/** The remarks that an event states: those that are not empty. */
export function remarksOf({ note, reference }: Remarks): Partial<Remarks> {
  return { ...(note !== "" && { note }), ...(reference !== "" && { reference }) };
}
