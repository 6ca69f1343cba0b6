/**
 * The field of a form in which a person chooses how many holders sign.
 * @module
 */

interface Props {
  threshold: number;
  /** The most that may be chosen; 2 is the least. */
  most: number;
  /** The number of holders. */
  holders: number;
  /** The attributes of a field whose value was refused. */
  refused: { "aria-invalid"?: true };
  onThreshold(threshold: number): void;
}

/** The choice, “2 of 3”. */
export function ThresholdField({ threshold, most, holders, refused, onThreshold }: Props) {
  return (
    <label class="field">
      <span>Needed to sign</span>
      <select
        value={threshold}
        {...refused}
        onChange={(event) => onThreshold(Number(event.currentTarget.value))}
      >
        {Array.from({ length: most - 1 }, (_, i) => i + 2).map((t) => (
          <option key={t} value={t}>{t} of {holders}</option>
        ))}
      </select>
    </label>
  );
}
