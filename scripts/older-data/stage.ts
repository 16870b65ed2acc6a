import { setTimeout as pause } from "node:timers/promises"
import type pg from "pg"
import { type Client, type Reply, textContent } from "../../test/support/client.ts"
import type { ScriptedProvider } from "../../test/support/scripted-provider.ts"
import type { Step } from "../../test/support/scripted-provider/script.ts"

/** What brings chats of an older server into a state and keeps them there. Bodies are as that server gave them: its contract is not ours. */

export type Body = Readonly<Record<string, unknown>>

export type NewChat = Body & { readonly labels?: Readonly<Record<string, string>> }

/** A write that waits for this lock; the script holds it for as long as it runs. */
const HELD_LOCK = 4711

/**
 * States that a chat is in for a moment only. The label `hold` names one, and the commit that would leave it waits until the
 * server is gone; `planned` keeps a tool call from being started.
 */
const HOLDS = `
  create function hold_chat() returns trigger language plpgsql as $$
  begin
    if old.labels ->> 'hold' = old.activity and new.activity <> old.activity then
      perform pg_advisory_xact_lock(${HELD_LOCK});
    end if;
    return new;
  end $$;
  create trigger hold_chat before update on chats for each row execute function hold_chat();
  create function hold_call() returns trigger language plpgsql as $$
  begin
    if old.state = 'planned' and exists (
      select from chats where id = old.chat_id and labels ->> 'hold' = 'planned'
    ) then
      perform pg_advisory_xact_lock(${HELD_LOCK});
    end if;
    return new;
  end $$;
  create trigger hold_call before update on tool_calls for each row execute function hold_call();
  select pg_advisory_lock(${HELD_LOCK})`

const bodyOf = ({ status, body }: Reply, what: string): Body => {
  if (status >= 300) throw new Error(`${what} answered ${status}: ${JSON.stringify(body)}`)
  return Object(body)
}

export class Stage {
  readonly #client: Client
  readonly #provider: ScriptedProvider
  readonly #database: pg.Client
  readonly #organizationId: string

  private constructor(client: Client, provider: ScriptedProvider, database: pg.Client, organizationId: string) {
    this.#client = client
    this.#provider = provider
    this.#database = database
    this.#organizationId = organizationId
  }

  static async open(client: Client, provider: ScriptedProvider, database: pg.Client): Promise<Stage> {
    await database.query(HOLDS)
    const { body } = await client.call("GET", "/organizations")
    return new Stage(client, provider, database, Object(body)[0].id)
  }

  async call(method: string, path: string, body?: unknown, headers: Readonly<Record<string, string>> = {}) {
    const reply = await this.#client.call(method, path, { headers, ...(body === undefined ? {} : { body }) })
    return bodyOf(reply, `${method} ${path}`)
  }

  /** What the model answers to the chat of this name, request by request. */
  script(name: string, ...steps: ReadonlyArray<Step>): void {
    this.#provider.script(...steps.map((step): Step => ({ ...step, when: `[${name}]` })))
  }

  /** A chat whose first words and label hold its name. */
  async create(
    name: string,
    { labels, ...more }: NewChat = {},
    headers: Readonly<Record<string, string>> = {},
  ): Promise<string> {
    const content = textContent(`[${name}] Go ahead.`)
    const body = { organization_id: this.#organizationId, content, labels: { name, ...labels }, ...more }
    return String((await this.call("POST", "/chats", body, headers))["id"])
  }

  async send(id: string, words: string, more: Body = {}, headers: Readonly<Record<string, string>> = {}) {
    return this.call("POST", `/chats/${id}/messages`, { content: textContent(words), ...more }, headers)
  }

  async queue(id: string, count: number, more: Body = {}): Promise<void> {
    for (let place = 1; place <= count; place += 1) await this.send(id, `Queued ${place}`, more)
  }

  /** Until the statement finds a row. For what tells nobody that it has happened. */
  async found(text: string, values: ReadonlyArray<unknown>): Promise<void> {
    const deadline = Date.now() + 40_000
    while ((await this.#database.query(text, [...values])).rowCount === 0) {
      if (Date.now() > deadline) throw new Error(`Never found: ${text} ${JSON.stringify(values)}`)
      await pause(20)
    }
  }

  until(id: string, activity: string): Promise<void> {
    return this.found("select 1 from chats where id = $1 and activity = $2", [id, activity])
  }

  shown(id: string, words: string): Promise<void> {
    return this.found("select 1 from chat_parts where chat_id = $1 and strpos(part::text, $2) > 0", [id, words])
  }

  callsIn(id: string, state: string): Promise<void> {
    return this.found("select 1 from tool_calls where chat_id = $1 and state = $2", [id, state])
  }

  /** A chat that has answered once, and waits. */
  async answered(name: string, more: NewChat = {}): Promise<string> {
    this.script(name, { items: [{ text: `Answer of ${name}.` }] })
    const id = await this.create(name, more)
    await this.until(id, "waiting")
    return id
  }

  /** A chat that is shown these words of a reply which does not end. */
  async generating(name: string, words: string, more: NewChat = {}): Promise<string> {
    this.script(name, { items: [{ text: words }, { silence: true }] })
    const id = await this.create(name, more)
    await this.shown(id, words)
    return id
  }
}
