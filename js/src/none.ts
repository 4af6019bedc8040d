/** Stands for no target or no role in questions by numbers, and for an action that there is not. */
export const NONE = 0xffff_ffff;
