/**
 * The actions of a page without any effect. Not a test by itself.
 * @module
 */
import type { Act } from "../../web/node/actions.ts";

/** Does nothing for any button. */
export const idleAct: Act = {
  generate: () => null,
  reshare: () => null,
  reshareEach: () => null,
  sign: () => null,
  unfreeze: () => Promise.resolve(null),
  cancel() {},
  follow: () => null,
  check() {},
  accused() {},
  copy: () => Promise.resolve(true),
  save() {},
  select() {},
  unfold() {},
  arm() {},
};
