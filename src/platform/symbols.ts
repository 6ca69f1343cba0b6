/**
 * `Symbol.dispose` and `Symbol.asyncDispose`, added where they are missing: the objects of this library have
 * methods of these names as soon as its modules load. The npm package adds nothing else.
 * @module
 */
import { addMissing } from "./add_missing.ts";

for (const name of ["dispose", "asyncDispose"]) addMissing(Symbol, name, Symbol(`Symbol.${name}`));
