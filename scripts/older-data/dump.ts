import type pg from "pg"

/** A database's rows as SQL text. The schema is not in it. */

interface Table {
  readonly name: string
  readonly columns: ReadonlyArray<string>
  readonly identity: string | null
  readonly key: string
  readonly refersTo: ReadonlyArray<string>
}

const tablesOf = async (client: pg.Client): Promise<ReadonlyArray<Table>> => {
  const { rows } = await client.query<{ [Name in keyof Table]: Table[Name] }>(`
    select c.relname as name,
      array(select attname::text from pg_attribute where attrelid = c.oid and attnum > 0 and not attisdropped
        and attgenerated = '' order by attnum) as columns,
      (select attname::text from pg_attribute where attrelid = c.oid and attidentity <> '') as identity,
      (select string_agg(a.attname, ', ' order by k.place) from pg_index i, unnest(i.indkey) with ordinality k (number, place),
        pg_attribute a where i.indrelid = c.oid and i.indisprimary and a.attrelid = c.oid and a.attnum = k.number) as key,
      array(select distinct f.relname::text from pg_constraint r join pg_class f on f.oid = r.confrelid
        where r.conrelid = c.oid and r.contype = 'f' and f.oid <> c.oid) as "refersTo"
    from pg_class c where c.relkind = 'r' and c.relnamespace = 'public'::regnamespace order by c.relname`)
  return rows
}

/** Each after those it refers to. */
const inOrder = (tables: ReadonlyArray<Table>): ReadonlyArray<Table> => {
  const done: Array<Table> = []
  const visit = (table: Table) => {
    if (done.includes(table)) return
    tables.filter(({ name }) => table.refersTo.includes(name)).forEach(visit)
    done.push(table)
  }
  tables.forEach(visit)
  return done
}

const rowsOf = async (client: pg.Client, { name, columns, identity, key }: Table): Promise<string> => {
  const literals = columns.map((column) => `quote_nullable("${column}"::text)`).join(", ")
  const { rows } = await client.query<{ line: string }>(
    `select concat_ws(', ', ${literals}) as line from "${name}" order by ${key}`,
  )
  if (rows.length === 0) return ""
  const overriding = identity === null ? "" : " overriding system value"
  const lines = rows.map(({ line }) => `(${line})`).join(",\n")
  const sequence =
    identity === null
      ? ""
      : `select setval(pg_get_serial_sequence('${name}', '${identity}'), max("${identity}")) from "${name}";\n`
  return `insert into "${name}" (${columns.map((column) => `"${column}"`).join(", ")})${overriding} values\n${lines};\n${sequence}`
}

/** One `insert` for each table; rows of the tables in `without` are left out. */
export const dumpRows = async (client: pg.Client, without: ReadonlyArray<string>): Promise<string> => {
  const tables = inOrder(await tablesOf(client)).filter(({ name }) => !without.includes(name))
  const texts: Array<string> = []
  for (const table of tables) texts.push(await rowsOf(client, table))
  return texts.filter((text) => text !== "").join("\n")
}
