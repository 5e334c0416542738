/**
 * Whether something fits: now, after the destructions in progress, not before more is freed, or
 * never.
 */
export type Room = "free" | "coming" | "none" | "never";
