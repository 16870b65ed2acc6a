import pg from "pg"
import { eventually } from "./eventually.ts"

/**
 * Holds a server at one exact place: inside the commit of a chat, when all of it is written and nothing yet committed. A trigger
 * in the test's own database waits for a lock that the test has; the server knows nothing of it and waits for its database.
 */

/** What the end of a held write is, for a server that does not live to see it. */
export type HeldOutcome = "lost" | "kept"

export interface HeldWrite {
  /** Of the chat. Its id is not known before its first commit. */
  readonly title: string
  /** An event of the journal, or the state (`started`, `done`) that a tool call enters. */
  readonly write: string
}

/** First key of the locks; the second is the row of `held_writes`. */
const LOCKS = 4_242

const schema = `
  create table held_writes (id serial primary key, title text not null, write text not null);

  create function hold_write() returns trigger language plpgsql as $$
  declare place integer;
  begin
    select h.id into place from held_writes h join chats c on c.title = h.title
    where c.id = new.chat_id and h.write = to_jsonb(new) ->> tg_argv[0];
    if place is not null then perform pg_advisory_xact_lock_shared(${LOCKS}, place); end if;
    return null;
  end $$;

  create trigger hold_transition after insert on chat_transitions for each row execute function hold_write('event');
  create trigger hold_tool_call after update of state on tool_calls for each row execute function hold_write('state');
`

/** Backends, other than ours, that have or wait for some of the locks. */
const users = `from pg_locks where locktype = 'advisory' and classid = ${LOCKS} and objsubid = 2
  and database = (select oid from pg_database where datname = current_database())
  and objid::int = any($1) and pid <> pg_backend_pid()`

export class HeldWrites {
  readonly #client: pg.Client

  private constructor(client: pg.Client) {
    this.#client = client
  }

  static async install(databaseUrl: string): Promise<HeldWrites> {
    const client = new pg.Client({ connectionString: databaseUrl })
    await client.connect()
    await client.query(schema)
    return new HeldWrites(client)
  }

  /** From now on these writes wait. Answers the places where they do, in order. */
  async arm(writes: ReadonlyArray<HeldWrite>): Promise<ReadonlyArray<number>> {
    // The lock is there before the row that sends writers to it.
    const { rows } = await this.#client.query<{ place: number }>(
      `with places as materialized (
         select nextval('held_writes_id_seq')::int as place, title, write, ord
         from unnest($1::text[], $2::text[]) with ordinality as given (title, write, ord)),
       locks as materialized (select place, title, write, ord, pg_advisory_lock(${LOCKS}, place) from places),
       inserted as (
         insert into held_writes (id, title, write) select place, title, write from locks)
       select place from locks order by ord`,
      [writes.map(({ title }) => title), writes.map(({ write }) => write)],
    )
    return rows.map(({ place }) => place)
  }

  /** Waits until somebody is held at each of the places. */
  async reached(places: ReadonlyArray<number>): Promise<void> {
    const missing = async () => {
      const { rows } = await this.#client.query<{ place: number }>(
        `select objid::int as place ${users} and not granted`,
        [places],
      )
      const held = new Set(rows.map(({ place }) => place))
      const { rows: names } = await this.#client.query<{ name: string }>(
        "select title || ': ' || write as name from held_writes where id = any($1) order by id",
        [places.filter((place) => !held.has(place))],
      )
      return names.map(({ name }) => name)
    }
    await eventually(missing, [])
  }

  /** Nobody new is held from now on. */
  async disarm(): Promise<void> {
    await this.#client.query("delete from held_writes")
  }

  /** Rolls back what is held at these places, or lets it be committed. Resolves when that is done. */
  async settle(outcome: HeldOutcome, places: ReadonlyArray<number>): Promise<void> {
    if (outcome === "lost") {
      await this.#client.query(`select pg_terminate_backend(pid) ${users}`, [places])
      await this.#gone(places)
    }
    await this.#client.query(`select pg_advisory_unlock(${LOCKS}, place) from unnest($1::int[]) as place`, [places])
    await this.#gone(places)
  }

  async #gone(places: ReadonlyArray<number>): Promise<void> {
    const left = async () => (await this.#client.query(`select pid ${users}`, [places])).rowCount
    await eventually(left, 0)
  }

  query<Row extends pg.QueryResultRow>(text: string, values: ReadonlyArray<unknown> = []): Promise<ReadonlyArray<Row>> {
    return this.#client.query<Row>(text, [...values]).then(({ rows }) => rows)
  }

  close(): Promise<void> {
    return this.#client.end()
  }
}
