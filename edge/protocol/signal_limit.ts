/**
 * The largest signal that is carried, bytes: ten times what a description for one data channel with
 * all its candidates takes in Chromium 156.
 */
export const MAX_SIGNAL_BYTES = 16 * 1024;
