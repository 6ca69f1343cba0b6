/**
 * After how many minutes without activity a tab locks, as its person chose.
 * @module
 */

const name = "quorate-lock-minutes";
const usual = 15;

/** Kept in the browser where it keeps anything; else it is as usual, and a choice lasts as long as the page. */
export const lockMinutes = {
  get(): number {
    try {
      const minutes = Number(localStorage.getItem(name));
      return Number.isInteger(minutes) && minutes > 0 ? minutes : usual;
    } catch {
      return usual; // site data is blocked
    }
  },
  set(minutes: number): void {
    try {
      localStorage.setItem(name, String(minutes));
    } catch {
      // site data is blocked: it lasts as long as the page
    }
  },
};
