/**
 * Tokens in a file that only its owner can read. In Node.
 *
 * @import { Tokens, TokenStore } from "./types.js"
 */
import type { Tokens, TokenStore } from "./types.js";
/** @implements {TokenStore} */
export declare class FileTokenStore implements TokenStore {
    #private;
    /** @param {string} path of the file; its folder is made where there is none */
    constructor(path: string);
    /** @returns {Promise<Tokens | undefined>} */
    load(): Promise<Tokens | undefined>;
    /**
     * Written beside and then renamed: another program reads the old tokens or the new ones.
     *
     * @param {Tokens} tokens
     */
    save(tokens: Tokens): Promise<void>;
    clear(): Promise<void>;
    /**
     * Do something while no other program does that shares the file: the claim is a file beside it.
     *
     * @param {() => Promise<void>} work
     */
    alone(work: () => Promise<void>): Promise<void>;
}
