/**
 * The output of the command line, made safe to print: the names in it were chosen by others.
 * @module
 */
import { visible, visibleJson } from "../text/visible.ts";

/**
 * One line on standard output: cells with tabs between them, invisible characters printed as their numbers.
 */
export function print(...cells: string[]): void {
  console.log(cells.map(visible).join("\t"));
}

/** Lines for a person, on standard error. */
export function printNote(lines: string): void {
  console.error(lines.split("\n").map(visible).join("\n"));
}

/** A value as JSON on standard output. */
export function printJson(value: unknown): void {
  console.log(visibleJson(JSON.stringify(value, null, 2)));
}

/** A value as one line of JSON on standard output. */
export function printJsonLine(value: unknown): void {
  console.log(visibleJson(JSON.stringify(value)));
}
