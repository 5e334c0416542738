/** When something fits: now, after the destructions in progress, after more is freed, never. */
export type Room = "free" | "coming" | "none" | "never";
