/** Stands for "no container", "no Zygote", "no package", "no invocation" wherever an id may be absent. */
export const NONE = -1;
