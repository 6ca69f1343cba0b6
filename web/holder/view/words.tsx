/**
 * Four words that one person reads to another.
 * @module
 */
import type { FourWords } from "../../../mod.ts";

export function Words({ words }: { words: FourWords }) {
  return (
    <ol class="words" aria-label="Four words">
      {words.map((word, i) => <li key={i}>{word}</li>)}
    </ol>
  );
}
