/**
 * The one way in which this code adds to JavaScript's library.
 * @module
 */

/** Adds a property to `to`, unless it is there. By default it is neither listed nor ever replaced. */
export function addMissing(
  to: object,
  name: PropertyKey,
  value: unknown,
  how: PropertyDescriptor = {},
): void {
  if (!(name in to)) Object.defineProperty(to, name, { value, ...how });
}
