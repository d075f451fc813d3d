/** What a fork writes to its standard output when a test has failed; no log line begins so. */
export const failedMark = '\u001efailed'
