/** The time that an attempt may take, and everything else that ends it. */
/**
 * Ends one attempt: by the caller's signal, when nothing comes for too long, or at the deadline. Only waiting is
 * timed: whoever reads a stream slowly is not too late.
 */
export declare class Watch {
    #private;
    /** Ends what is under way, where it is not `fetch` with the signal. @type {((reason: Error) => void) | undefined} */
    onstop: ((reason: Error) => void) | undefined;
    /**
     * @param {string} operation
     * @param {{ timeout: number, ends: number, clock: () => number, signal?: AbortSignal | undefined }} limits seconds;
     *   `ends` is a moment of the clock
     */
    constructor(operation: string, { timeout, ends, clock, signal }: {
        timeout: number;
        ends: number;
        clock: () => number;
        signal?: AbortSignal | undefined;
    });
    /** For `fetch`. Made when it is asked for: a signal costs more than signing does. */
    get signal(): AbortSignal;
    /** Why it ended; undefined while it has not. */
    get reason(): unknown;
    /**
     * Wait for something, for as long as that may take.
     *
     * @template T
     * @param {Promise<T>} waited
     * @returns {Promise<T>}
     */
    during<T>(waited: Promise<T>): Promise<T>;
    /** Begin to wait, or: something came, and more is waited for. */
    begin(): void;
    /** Let the deadline count even while nothing is waited for: while the caller gives a body piece by piece. */
    hold(): void;
    /** Nothing is waited for. */
    rest(): void;
    /** The attempt is over. */
    end(): void;
    /** End it now, unless it is over. */
    stop(): void;
}
