/** The id that means "no container", "no Zygote", "no package" or "no invocation". */
export const NONE = -1;
