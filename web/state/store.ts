/**
 * The page's store: holds the state, and repaints at most once a frame however fast events arrive.
 * @module
 */
import { initial, type State } from "./model.ts";
import { type Action, reduce } from "./reduce.ts";

export interface AppStore {
  readonly state: State;
  dispatch(action: Action): void;
}

const frame = 16; // ms; a timer, since a hidden tab gets no animation frames but must keep its log

/** @param paint Called after changes, never inside `dispatch`. */
export function createStore(paint: (state: State) => void, from: State = initial): AppStore {
  let state = from;
  let due = false;
  return {
    get state() {
      return state;
    },
    dispatch(action) {
      const next = reduce(state, action, Date.now());
      if (next === state) return;
      state = next;
      if (due) return;
      due = true;
      setTimeout(() => {
        due = false;
        paint(state);
      }, frame);
    },
  };
}
