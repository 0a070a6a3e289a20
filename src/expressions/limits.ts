/** The longest text of an expression, in UTF-16 code units. */
export const LONGEST_TEXT = 2_048;
/** The most nodes of the tree that a text is read to. */
export const MOST_NODES = 600;
/** How deep that tree may be. */
export const DEEPEST_TREE = 100;
/** How deep loops (`map`, `filter`, `all`, `exists`, `exists_one`) and `cel.bind` may stand in one another. */
export const DEEPEST_LOOPS = 2;
/** The longest regular expression, in UTF-16 code units. */
export const LONGEST_PATTERN = 256;
/** The most regular expressions that may be written out in one text: each is compiled when it is saved. */
export const MOST_PATTERNS = 5;
/** The largest result, in bytes as JSON. */
export const LARGEST_RESULT = 4_096;
/** The longest text that may come up on the way, in UTF-16 code units; bytes likewise. */
export const LONGEST_VALUE = 32_768;
/** The longest list that may come up on the way. */
export const LONGEST_LIST = 10_000;
/** How deep lists and maps may stand in one another in what comes out. */
export const DEEPEST_VALUE = 32;
/** How many elements of a list of facts, such as a person's groups, an expression is told: the first ones. */
export const MOST_FACTS = 2_000;
/** How much work one evaluation may be: about one for each node that is evaluated, more for what is built. */
export const MOST_WORK = 150_000;
/** How long one evaluation may take, in milliseconds on a processor. */
export const LONGEST_EVALUATION_MS = 50;
/** How long an expression rests that was cut off, in milliseconds. */
export const REST_MS = 30_000;
