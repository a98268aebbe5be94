// Messages: the types of its values. Unknown properties and unknown values are kept.
// Written by `portico sdk`; the next run overwrites what is changed here.

import type { Decimal } from "./runtime/json.js";
import type { Bytes, UnknownMember, Upload } from "./runtime/types.js";

/** A short text. */
export interface Message {
  /** What is said. */
  text: string;
}

/** The answer to a message. */
export interface Answer {
  /** What is said back. */
  text: string;
}

/** What went wrong, in a form that programs can read. */
export interface Problem {
  /** Names the kind of problem. */
  type?: string;
  /** The kind of problem in words. */
  title: string;
  /** The status code. */
  status: number;
  /** What went wrong this time. */
  detail?: string;
  /** Name this when you report the problem. */
  request_id?: string;
  /** Every fault of the request, each with its place. */
  errors?: ProblemErrorsItem[];
}

export interface ProblemErrorsItem {
  /** Body or parameter. */
  in?: string;
  /** The place in the body (RFC 6901). */
  pointer?: string;
  /** What is wrong. */
  detail: string;
}

export {};
