import project from "./deno.json" with { type: "json" };

/** Version of msquicd, as in its `deno.json`. */
export const VERSION: string = project.version;
