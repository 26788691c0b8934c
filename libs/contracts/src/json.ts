// The JSON value as Writ signs it: objects, arrays, strings, booleans, null and safe integers.

/** A JSON value. Numbers in signed documents are safe integers only (RFC 8785, ARCHITECTURE §3). */
export type JsonValue =
  | null
  | boolean
  | number
  | string
  | readonly JsonValue[]
  | { readonly [key: string]: JsonValue };

/** A JSON object. */
export type JsonObject = { readonly [key: string]: JsonValue };
