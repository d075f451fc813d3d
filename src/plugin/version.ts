/** The version of rowtap, which its plugins carry: that of package.json, as a test makes sure. */
export const version = '0.1.0'
