/**
 * The errors of the operating system, known by their codes.
 * @module
 */

/** The code of a system error, such as `ENOENT`. */
export const codeOf = (error: unknown): string | undefined =>
  error instanceof Error && "code" in error ? String(error.code) : undefined;

/** True if a system error has one of these codes. */
export const isCode = (error: unknown, ...codes: readonly string[]): boolean =>
  codes.includes(codeOf(error) ?? "");

/** The outcome of a look at a file, or null if there is none. */
export async function ifThere<T>(look: Promise<T>): Promise<T | null> {
  try {
    return await look;
  } catch (error) {
    if (isCode(error, "ENOENT")) return null;
    throw error;
  }
}
