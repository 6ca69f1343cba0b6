/**
 * The asker's own words as they are typed and as they are shown. Pure.
 * @module
 */
import type { RequestLabels } from "../node/node_port.ts";
import { clean } from "./clean.ts";

/** The asker's own words in a request. */
export type Remarks = Pick<RequestLabels, "note" | "reference">;

/** The remarks in a request, without blanks that nobody can see and without those that were left empty. */
export function remarksOf(typed: Remarks): Remarks {
  const [note, reference] = [typed.note ?? "", typed.reference ?? ""].map(tidy);
  return { ...(note && { note }), ...(reference && { reference }) };
}

const tidy = (text: string) => text.normalize("NFC").trim().replace(/ {2,}/g, " ");

/**
 * The remarks in a request to show, each marked as its author's.
 *
 * @param author The author's name; null if the reader is the author.
 */
export function shownRemarks(
  { note = "", reference = "" }: Remarks,
  author: string | null,
): { label: string; text: string }[] {
  const whose = author === null ? "Your" : `${author}'s`;
  const all = [{ label: `${whose} note`, text: clean(note, 256) }, {
    label: `${whose} reference`,
    text: clean(reference, 64),
  }];
  return all.filter(({ text }) => text !== "");
}
