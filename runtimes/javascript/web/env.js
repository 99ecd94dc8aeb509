// The function's environment variables, filled in when a request comes.
export const env = {};
