/**
 * The person's choice of minutes without activity after which a tab locks.
 * @module
 */

const name = "quorate-lock-minutes";
const usual = 15;

/** Kept in the browser if it stores site data; otherwise the choice lasts as long as the page. */
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
      // site data is blocked: the choice lasts as long as the page
    }
  },
};
