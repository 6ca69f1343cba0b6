/**
 * The clock of the simulation: the one that the package has for everybody's tests.
 * @module
 */
export { VirtualClock } from "../../src/testing/virtual_clock.ts";
