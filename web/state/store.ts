/**
 * Holds the state and says when to paint: at most once a frame, however fast events come.
 * @module
 */
import { type Action, initial, reduce, type State } from "./state.ts";

export interface AppStore {
  readonly state: State;
  dispatch(action: Action): void;
}

const frame = 16; // ms; a timer, because a hidden tab gets no animation frames but must keep its log

/** `paint` is called after changes, and never inside `dispatch`. */
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
