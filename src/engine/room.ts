/** Whether something fits: now, once destructions in progress have ended, not until more is given back, or never. */
export type Room = "free" | "coming" | "none" | "never";
