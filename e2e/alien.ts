/** A selector of what no page of ours makes: where it is found, a text was taken for markup. */
export const alien: string =
  "script img iframe object embed style base meta link template math [style] [onerror] [onload]"
    .split(" ").map((one) => `#app ${one}`).join();
