import { decisions } from "../decide.mjs";

export default { fetch: () => new Response(decisions()) };
