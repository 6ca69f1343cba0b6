/**
 * A vault that counts what it has drawn. Not a test by itself.
 * @module
 */
import type { DrawnTask, Vault } from "../../src/ports.ts";

/**
 * Keeps in `open` what was drawn and neither wiped nor run.
 *
 * @param drew Called with each draw.
 */
export function counting(vault: Vault, open: Set<DrawnTask>, drew: () => void = () => {}): Vault {
  const draw: Vault["draw"] = async (task) => {
    const drawn = await vault.draw(task);
    const counted: DrawnTask = {
      firstRound: drawn.firstRound,
      run(agreed, io) {
        open.delete(counted);
        return drawn.run(agreed, io);
      },
      [Symbol.dispose]() {
        open.delete(counted);
        drawn[Symbol.dispose]();
      },
    };
    open.add(counted);
    drew();
    return counted;
  };
  return { ...vault, draw };
}
