#!/usr/bin/env -S node --disable-warning=ExperimentalWarning
/**
 * `quorate`: the command line. It runs one headless peer, and makes and looks after its files.
 *
 * Exit codes: 0 after an orderly end; 2 for wrong input, with one sentence on standard error and nothing
 * changed; 1 for anything else.
 * @module
 */
import "../platform/polyfills.ts"; // Node 22 lacks some of it too
import process from "node:process";
import { stripVTControlCharacters } from "node:util";
import { InputError } from "../errors.ts";
import { runProgram } from "./arguments/run_program.ts";
import { printNote } from "./print.ts";
import { quorate } from "./program.ts";
import { version } from "../platform/version.ts";

const coloured = process.stdout.isTTY && process.env.NO_COLOR === undefined;

try {
  await runProgram({
    name: "quorate",
    version,
    root: quorate,
    print: (text) => console.log(coloured ? text : stripVTControlCharacters(text)),
  }, process.argv.slice(2));
} catch (error) {
  if (!(error instanceof InputError)) throw error;
  printNote(error.message);
  process.exitCode = 2;
}
