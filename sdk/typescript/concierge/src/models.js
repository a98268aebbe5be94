// Concierge: named values.
// Written by `portico sdk`; the next run overwrites what is changed here.

export {};
