/**
 * Where this runs. The same modules are loaded by Node, by browsers and by workers; what only one of them has is
 * asked for here.
 */
export declare const isNode: boolean;
/** Whether it is Node itself, and not something that says so for the sake of its programs. */
export declare const isBareNode: boolean;
/** Whether there is a page that can be left for another. */
export declare const isPage: boolean;
/** The version of what runs this, for the user agent; "" where the runtime names itself. */
export declare const version: string;
export declare const system: string;
export declare const environment: Record<string, string | undefined>;
/**
 * A module of Node, at once; undefined elsewhere, and before Node 20.16.
 *
 * @param {string} name such as "node:crypto"
 */
export declare function builtin(name: string): any;
/**
 * A module of Node. Only for functions that say they are for Node.
 *
 * @param {string} name
 * @returns {Promise<any>}
 */
export declare function load(name: string): Promise<any>;
/**
 * Show a text to whoever sits at the terminal.
 *
 * @param {string} text
 */
export declare function tell(text: string): void;
