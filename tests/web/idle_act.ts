/**
 * The actions of a page, where nothing comes of them. Not a test by itself.
 * @module
 */
import type { Act } from "../../web/node/actions.ts";

/** Does nothing, whatever is pressed. */
export const idleAct: Act = {
  generate: () => null,
  sign: () => null,
  cancel() {},
  follow: () => null,
  check() {},
  accused() {},
  copy: () => Promise.resolve(true),
  select() {},
  unfold() {},
  arm() {},
};
