import pg from "pg"

/** Postgres' own number of the type `int8[]`; pg names only the scalar ones. */
const int8Array: number = 1016

/** Every element fits a number, see below; none of them is null in our tables. */
const parseInt8Array = (text: string): ReadonlyArray<number> =>
  text === "{}" ? [] : text.slice(1, -1).split(",").map(Number)

/**
 * How columns come out, decided once for the whole product: `int8` as number (our ids and counters stay below 2^53, and
 * `count(*)` is int8), `date` as its text (a day has no time zone), `timestamptz` as Date, `json` and `jsonb` parsed,
 * `numeric` as text, so that money loses nothing.
 */
export const typeParsers: pg.CustomTypesConfig = {
  getTypeParser: (oid, format) => {
    if (format === "binary") return pg.types.getTypeParser(oid, format)
    if (Number(oid) === int8Array) return parseInt8Array
    if (oid === pg.types.builtins.INT8) return Number
    if (oid === pg.types.builtins.DATE) return String
    return pg.types.getTypeParser(oid)
  },
}
