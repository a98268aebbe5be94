/**
 * What can go wrong.
 *
 *     SdkError
 *     ├── ApiError                the server said no
 *     │   └── BadRequest, Unauthorized, Forbidden, NotFound, Conflict, UnprocessableContent, TooManyRequests, ServerError
 *     ├── ConnectionFailed        no answer came
 *     │   └── TimedOut
 *     ├── UnexpectedAnswer        an answer that cannot be read
 *     ├── NotSignedIn             nobody is signed in, and the call needs somebody
 *     ├── SignInFailed            signing in did not work
 *     └── BadArgument             an argument that cannot be sent
 *
 * Texts name the operation and never hold a secret.
 *
 * @import { ProblemDocument } from "./types.js"
 */
import type { ProblemDocument } from "./types.js";
/**
 * A text without what would steer a terminal, break a line of a log, or turn the direction of what follows.
 *
 * @param {string} text that somebody else wrote, or part of it
 */
export declare function harmless(text: string): string;
/** The root of this tree. */
export declare class SdkError extends Error {
    /** @type {string} */
    name: string;
    /**
     * @param {string} message
     * @param {ErrorOptions} [options]
     */
    constructor(message: string, options?: ErrorOptions);
}
/** The server answered with a status that says no. */
export declare class ApiError extends SdkError {
    #private;
    operation: string;
    status: number;
    /** The problem document; empty where the server sent none. */
    problem: ProblemDocument;
    requestId: string;
    /** Seconds after which the server wants to be asked again. */
    retryAfter: number | undefined;
    name: string;
    /**
     * @param {string} operation
     * @param {number} status
     * @param {Headers} headers
     * @param {string} body as it came
     * @param {number} [retryAfter] seconds
     */
    constructor(operation: string, status: number, headers: Headers, body: string, retryAfter?: number);
    /** Those of the answer. Not shown when the error is printed: they may hold cookies. */
    get headers(): Headers;
    /** The answer as it came. */
    get body(): string;
}
export declare class BadRequest extends ApiError {
    name: string;
}
export declare class Unauthorized extends ApiError {
    name: string;
}
export declare class Forbidden extends ApiError {
    name: string;
}
export declare class NotFound extends ApiError {
    name: string;
}
export declare class Conflict extends ApiError {
    name: string;
}
export declare class UnprocessableContent extends ApiError {
    name: string;
}
export declare class TooManyRequests extends ApiError {
    name: string;
}
export declare class ServerError extends ApiError {
    name: string;
}
/** There is no answer. */
export declare class ConnectionFailed extends SdkError {
    unsent: boolean;
    name: string;
    /**
     * @param {string} message
     * @param {{ cause?: unknown, unsent?: boolean }} [options] unsent: the server certainly has not seen the request
     */
    constructor(message: string, { cause, unsent }?: {
        cause?: unknown;
        unsent?: boolean;
    });
}
/** There is no answer in time. */
export declare class TimedOut extends ConnectionFailed {
    name: string;
}
/** An answer that is not what the document says. */
export declare class UnexpectedAnswer extends SdkError {
    #private;
    /** The place in the answer (JSON pointer, RFC 6901). */
    pointer: string;
    status: number | undefined;
    name: string;
    /**
     * @param {string} message
     * @param {{ pointer?: string, status?: number, body?: string, cause?: unknown }} [where]
     */
    constructor(message: string, { pointer, status, body, cause }?: {
        pointer?: string;
        status?: number;
        body?: string;
        cause?: unknown;
    });
    /** The answer as it came. */
    get body(): string;
}
/** Nobody is signed in, and what was asked for needs somebody. */
export declare class NotSignedIn extends SdkError {
    name: string;
}
/** Signing in did not work. */
export declare class SignInFailed extends SdkError {
    error: string;
    description: string;
    name: string;
    /**
     * @param {string} message
     * @param {{ error?: string, description?: string, cause?: unknown }} [said] what the issuer said (RFC 6749 section 5.2)
     */
    constructor(message: string, { error, description, cause }?: {
        error?: string;
        description?: string;
        cause?: unknown;
    });
}
/** An argument that cannot be sent. */
export declare class BadArgument extends SdkError {
    argument: string;
    name: string;
    /**
     * @param {string} message
     * @param {string} [argument] its name
     */
    constructor(message: string, argument?: string);
}
/**
 * The error of an answer.
 *
 * @param {string} operation
 * @param {{ status: number, headers: Headers }} response
 * @param {string} body
 * @param {number} [retryAfter] seconds
 * @returns {ApiError}
 */
export declare function apiError(operation: string, response: {
    status: number;
    headers: Headers;
}, body: string, retryAfter?: number): ApiError;
