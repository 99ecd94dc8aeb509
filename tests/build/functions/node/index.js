import { results } from "./cases.js";

export default { fetch: () => results() };
