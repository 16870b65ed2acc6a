import { expect, it } from "vitest"
import { ChatHost } from "../../src/actors/host/chat-host.ts"
import { useReaders } from "../support/chat-view.ts"
import { useEngines } from "../support/engine.ts"

const CHATS = 100

const engines = useEngines()
const follow = useReaders()

it(`${CHATS} chats at once all finish, each with its own words`, async () => {
  const engine = await engines.start()
  engines.provider.script(
    ...Array.from({ length: CHATS }, (_, index) => ({
      items: [{ text: ["answer ", `${index}`] }],
      when: `question ${index}.`,
    })),
  )
  const ids = await Promise.all(Array.from({ length: CHATS }, (_, index) => engine.create(`question ${index}.`)))
  await Promise.all(
    ids.map(async (chatId, index) => {
      const view = await follow(engine, chatId).activity("waiting")
      expect(view.lines).toEqual([`user: question ${index}.`, `assistant: answer ${index}`])
    }),
  )
  expect(engines.provider.left).toBe(0)
  const uneven = await engines.query(
    (sql) => sql`
      select c.id from chats c where c.snapshot_version <> (select count(*) from chat_transitions t where t.chat_id = c.id)
        or c.snapshot_version <> (select max(version) from chat_transitions t where t.chat_id = c.id)`,
  )
  expect(uneven).toEqual([])
  const host = await engine.run(ChatHost)
  expect(host.size()).toBe(CHATS)
})
