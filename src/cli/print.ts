/**
 * The output of the command line, made safe to print: the names in it were chosen by others.
 * @module
 */
import { visible, visibleJson } from "../text/visible.ts";

/** One line on standard output, of cells between tabs; what cannot be seen in them is printed as its number. */
export function print(...cells: string[]): void {
  console.log(cells.map(visible).join("\t"));
}

/** Lines for a person, on standard error. */
export function tell(lines: string): void {
  console.error(lines.split("\n").map(visible).join("\n"));
}

/** A value as JSON on standard output. */
export function printJson(value: unknown): void {
  console.log(visibleJson(JSON.stringify(value, null, 2)));
}
