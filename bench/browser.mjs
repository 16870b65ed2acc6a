// What a person sees in the browser, as figures of this machine: one JSON line per measurement.
//   node bench/browser.mjs [--only stream,history,deltas,trace,stage] [--times 5] [--seconds 20] [--messages 10000] [--deltas 3000000]
//     [--versions 2000]
// Chromium from TROUPE_CHROMIUM, by default /usr/bin/chromium. Loopback only; ends only the processes it started.
import { fork } from "node:child_process"
import { once } from "node:events"
import { fileURLToPath } from "node:url"
import { parseArgs } from "node:util"
import { chromium } from "playwright-core"
import { withDatabase } from "./database.mjs"
import { answerOf } from "./scripted-text.mjs"
import { percentile, round } from "./statistics.mjs"
import { troupeClient } from "./troupe-client.mjs"
import { FIRST_USER, Installation } from "./troupe-server.mjs"

const { values: options } = parseArgs({
  options: {
    only: { type: "string", default: "stream,history" },
    times: { type: "string", default: "5" },
    seconds: { type: "string", default: "20" },
    messages: { type: "string", default: "10000" },
    deltas: { type: "string", default: "3000000" },
    versions: { type: "string", default: "2000" },
  },
})
const parts = options.only.split(",")
const times = Number(options.times)
const TOKENS_PER_SECOND = 500
/** Text in paragraphs, and all in one, which is the worst there is: with each word all of it has to be read anew. */
const STREAMS = ["prose", "fake"].map(
  (kind) => `${kind}-${Number(options.seconds) * TOKENS_PER_SECOND}-d${1000 / TOKENS_PER_SECOND}`,
)
const TOOL_ROWS = 50
/** One turn of deltas as fast as they come, and how often the heap is looked at over all of them. */
const BURST = { model: "fake-2000", tokens: 2000 }
const LOOKS = 10
/** The model of a chat of many turns. */
const SHORT = "fake-20"
/** Every chat that runs writes 25 tokens a second, for longer than it is looked at. */
const STAGE = { chats: 300, running: 50, failed: 100, seconds: 20, model: "prose-6000-d40" }
const FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run"]
const inPage = fileURLToPath(new URL("in-page.js", import.meta.url))

const median = (values) => round(percentile(values, 0.5))
const p95 = (values) => round(percentile(values, 0.95))
const print = (row) => console.log(JSON.stringify(row))

const conversationOf = (page) => page.getByRole("region", { name: "Conversation" })

/** A page of a profile of its own, signed in; `watched` by what keeps each arrival. */
async function openPage(browser, url, watched = true) {
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 } })
  const page = await context.newPage()
  if (watched) await page.addInitScript({ path: inPage })
  await page.goto(url)
  await page.getByLabel("Email").fill(FIRST_USER.email)
  await page.getByLabel("Password").fill(FIRST_USER.password)
  await page.getByRole("button", { name: "Sign in" }).click()
  await page.locator("textarea:focus").waitFor()
  return page
}

/** Messages written faster than turns could; `content` is SQL of `n`. */
const fill = (installation, chatId, count, role, content) =>
  withDatabase(installation, (query) =>
    query(
      `insert into chat_messages (chat_id, created_version, role, content)
       select $1, 1, ${role}, jsonb_build_array(${content}) from generate_series(1, $2::int) n order by n`,
      [chatId, count],
    ),
  )

/** A finished turn with this many calls, as its steps. */
async function fillCalls(installation, chatId) {
  const call = `'tool_call_id', 'call-' || (n + 1) / 2, 'tool_name', 'execute'`
  await fill(installation, chatId, 1, `'user'`, `jsonb_build_object('type', 'text', 'text', 'Run them')`)
  await fill(
    installation,
    chatId,
    TOOL_ROWS * 2,
    `case when n % 2 = 1 then 'assistant' else 'tool' end`,
    `case when n % 2 = 1
       then jsonb_build_object('type', 'tool-call', ${call}, 'args', jsonb_build_object('command', 'echo ' || n))
       else jsonb_build_object('type', 'tool-result', ${call},
         'result', jsonb_build_object('success', true, 'exit_code', 0, 'output', 'line ' || n)) end`,
  )
}

/** 500 tokens a second below 50 tool rows: frames, the longest task, and how far the text is behind. */
async function measureStream({ browser, client, installation, model, server, throttle }) {
  const rows = []
  for (let run = 0; run < times; run += 1) {
    const chat = await client.open(`${model}-${throttle}-${run}`)
    chat.close()
    await fillCalls(installation, chat.id)
    const page = await openPage(browser, server.url)
    await page.goto(`${server.url}/agents/${chat.id}`)
    await conversationOf(page)
      .getByRole("button", { name: /steps$/ })
      .click()
    await page
      .getByRole("button", { name: "To the end" })
      .click({ timeout: 2000 })
      .catch(() => undefined)
    const session = await page.context().newCDPSession(page)
    await session.send("Emulation.setCPUThrottlingRate", { rate: throttle })
    const characters = answerOf(model).trim().replaceAll("\n", "").length
    const followed = page.evaluate(`probe.follow(".markdown", ${characters})`)
    await client.send(chat.id, model)
    rows.push(await followed)
    await page.context().close()
  }
  print({
    scenario: "stream",
    text: model.startsWith("prose") ? "paragraphs" : "one paragraph",
    tokensPerSecond: TOKENS_PER_SECOND,
    toolRows: TOOL_ROWS,
    throttle,
    runs: times,
    framesP95Ms: median(rows.map(({ frames }) => p95(frames))),
    longestTaskMs: median(rows.map(({ longestTaskMs }) => longestTaskMs)),
    longTasks: median(rows.map(({ tasks }) => tasks)),
    mostBehindMs: median(rows.map(({ mostBehindMs }) => mostBehindMs)),
    worstBehindMs: round(Math.max(...rows.map(({ mostBehindMs }) => mostBehindMs))),
    seconds: median(rows.map(({ ms }) => ms / 1000)),
  })
}

/** Reads all of the chat, as finding in it does. */
async function loadAll(page) {
  await page.keyboard.press("Control+f")
  const bar = page.getByRole("search")
  await bar.waitFor()
  await bar.getByText(/^Reading older messages/).waitFor({ state: "detached", timeout: 120_000 })
  await page.keyboard.press("Escape")
}

/** A chat of 10,000 messages: to open it, to write in it, to scroll in it, and what of it is on the page. */
async function measureHistory({ browser, client, installation, server }) {
  const messages = Number(options.messages)
  const chat = await client.open("long")
  chat.close()
  await fill(
    installation,
    chat.id,
    messages,
    `case when n % 2 = 1 then 'user' else 'assistant' end`,
    `jsonb_build_object('type', 'text', 'text', 'message ' || n || repeat(' word', 20 + n % 90))`,
  )
  const rows = []
  for (let run = 0; run < times; run += 1) {
    const page = await openPage(browser, server.url)
    const last = conversationOf(page).getByText(`message ${messages} `)
    await page.locator(`a[href$="${chat.id}"]`).first().waitFor()
    const opened = await page.evaluate(
      ([id, text]) =>
        new Promise((resolve) => {
          const began = performance.now()
          document.querySelector(`a[href$="${id}"]`).click()
          const look = () => {
            const shown = document.querySelector("[data-timeline]")?.textContent.includes(text)
            if (shown) resolve(performance.now() - began)
            else requestAnimationFrame(look)
          }
          look()
        }),
      [chat.id, `message ${messages} `],
    )
    await last.waitFor()
    await loadAll(page)
    await page.evaluate("globalThis.keys = probe.watchKeys()")
    const field = page.getByRole("textbox", { name: "Message", exact: true })
    await field.focus()
    for (const key of "a few words to the agent") await page.keyboard.press(key === " " ? "Space" : key, { delay: 30 })
    const keys = await page.evaluate("keys")
    await conversationOf(page).hover()
    let mostNodes = 0
    const frames = page.evaluate("probe.framesOf(() => new Promise((done) => (globalThis.scrolled = done)))")
    for (let turn = 0; turn < 150; turn += 1) {
      await page.mouse.wheel(0, -240)
      if (turn % 15 === 0) mostNodes = Math.max(mostNodes, await page.locator("*").count())
    }
    await page.evaluate("scrolled()")
    rows.push({ opened, keys, frames: await frames, mostNodes })
    await page.context().close()
  }
  print({
    scenario: "history",
    messages,
    runs: times,
    openMs: median(rows.map(({ opened }) => opened)),
    keyHandledP95Ms: median(rows.map(({ keys }) => p95(keys.map(({ handledMs }) => handledMs)))),
    keyDrawnP50Ms: median(rows.map(({ keys }) => median(keys.map(({ drawnMs }) => drawnMs)))),
    scrollFramesP95Ms: median(rows.map(({ frames }) => p95(frames))),
    nodes: Math.max(...rows.map(({ mostNodes }) => mostNodes)),
  })
}

/** Turns at full speed, each in place of the one before: what a page keeps of millions of deltas is what it should not keep. */
async function measureDeltas({ browser, client, server }) {
  const chat = await client.open("deltas")
  chat.close()
  const page = await openPage(browser, server.url, false)
  await page.goto(`${server.url}/agents/${chat.id}`)
  await conversationOf(page).getByRole("article", { name: "Agent" }).first().waitFor()
  const session = await page.context().newCDPSession(page)
  await session.send("HeapProfiler.enable")
  const heapMb = async () => {
    await session.send("HeapProfiler.collectGarbage")
    const { usedSize } = await session.send("Runtime.getHeapUsage")
    return usedSize / 1024 / 1024
  }
  const { id: first } = (await client.messages(chat.id)).find(({ role }) => role === "user")
  let message = first
  const turn = async () => {
    const { message: edited } = await client.sendAgain(chat.id, message, BURST.model)
    message = edited?.id ?? (await client.messages(chat.id)).findLast(({ role }) => role === "user").id
    await client.rest(chat.id)
  }
  // The first hundred thousand are compiled more than once, and fill what is kept for good.
  for (let warm = 0; warm < 50; warm += 1) await turn()
  const perLook = Math.ceil(Number(options.deltas) / BURST.tokens / LOOKS)
  const heaps = [await heapMb()]
  for (let look = 0; look < LOOKS; look += 1) {
    for (let done = 0; done < perLook; done += 1) await turn()
    heaps.push(await heapMb())
  }
  print({
    scenario: "deltas",
    deltas: perLook * LOOKS * BURST.tokens,
    heapMbBefore: round(heaps[0]),
    heapMb: heaps.slice(1).map((heap) => round(heap)),
  })
  await page.context().close()
}

/** Versions that are gone through by key and by leaps, of each run. */
const LOOKED_AT = { keys: 100, leaps: 60 }

/** A chat of 2000 versions: what its steps take to read, and each version to be shown while somebody scrubs. */
async function measureTrace({ browser, client, server }) {
  const versions = Number(options.versions)
  const chat = await client.open("trace")
  let steps = await client.steps(chat.id)
  while (steps.last_version < versions) {
    for (let turn = 0; turn < (versions - steps.last_version) / 4; turn += 1) await client.prompt(chat, SHORT, () => {})
    steps = await client.steps(chat.id)
    await client.prompt(chat, SHORT, () => {})
  }
  chat.close()
  const timed = async (ask) => {
    const began = performance.now()
    await ask()
    return performance.now() - began
  }
  const stepsMs = []
  const atMs = []
  for (let run = 0; run < times * 10; run += 1) {
    stepsMs.push(await timed(() => client.steps(chat.id)))
    atMs.push(await timed(() => client.atVersion(chat.id, 1 + ((run * 377) % steps.last_version), 40)))
  }
  const rows = []
  for (let run = 0; run < times; run += 1) {
    const page = await openPage(browser, server.url)
    await page.goto(`${server.url}/agents/${chat.id}/trace`)
    await page.locator("[data-version]").first().waitFor()
    rows.push({
      keys: await page.evaluate(`probe.stepVersions("ArrowLeft", ${LOOKED_AT.keys})`),
      leaps: await page.evaluate(`probe.dragVersions(${LOOKED_AT.leaps})`),
    })
    await page.context().close()
  }
  print({
    scenario: "trace",
    versions: steps.last_version,
    runs: times,
    stepsP50Ms: median(stepsMs),
    stepsP95Ms: p95(stepsMs),
    atP50Ms: median(atMs),
    atP95Ms: p95(atMs),
    keyShownP50Ms: median(rows.flatMap(({ keys }) => keys)),
    keyShownP95Ms: p95(rows.flatMap(({ keys }) => keys)),
    leapShownP50Ms: median(rows.flatMap(({ leaps }) => leaps)),
    leapShownP95Ms: p95(rows.flatMap(({ leaps }) => leaps)),
  })
}

/** Seconds of processor that the pages of this browser have used. */
async function pagesCpu(session) {
  const { processInfo } = await session.send("SystemInfo.getProcessInfo")
  return processInfo.filter(({ type }) => type === "renderer").reduce((sum, { cpuTime }) => sum + cpuTime, 0)
}

/** A board of 300 chats of which 50 write: frames while it is looked at and while it is scrolled, and what the page uses of a core. */
async function measureStage({ browser, client, installation, server }) {
  const chats = []
  for (let n = 0; n < STAGE.running; n += 1) {
    const chat = await client.open(`stage ${n}`)
    chat.close()
    chats.push(chat)
  }
  await withDatabase(installation, (query) =>
    query(
      `with source as (select * from chats where id = $1)
       insert into chats (id, owner_id, organization_id, client_type, activity, machine_version, last_model_config_id, title,
         last_error, last_turn_summary)
       select gen_random_uuid(), owner_id, organization_id, 'ui', case when n <= $2 then 'error' else 'waiting' end,
         machine_version, last_model_config_id, 'Chat number ' || n,
         case when n <= $2 then '{"message": "The provider refused the connection.", "retryable": true}'::jsonb end,
         'Done. All tests pass.'
       from source, generate_series(1, $3::int) n`,
      [chats[0].id, STAGE.failed, STAGE.chats - STAGE.running],
    ),
  )
  const page = await openPage(browser, server.url)
  for (const { id } of chats) await client.send(id, STAGE.model)
  const session = await browser.newBrowserCDPSession()
  const look = async (act) => {
    const [cpu, began] = [await pagesCpu(session), performance.now()]
    const frames = page.evaluate("probe.framesOf(() => new Promise((done) => (globalThis.looked = done)))")
    await act()
    await page.evaluate("looked()")
    const seconds = (performance.now() - began) / 1000
    return { frames: await frames, core: ((await pagesCpu(session)) - cpu) / seconds }
  }
  // Of a page on which nothing moves, while the same chats run: what the machine itself takes.
  await page.goto(`${server.url}/settings/keys`)
  const idle = await look(() => page.waitForTimeout(5000))
  await page.goto(`${server.url}/agents`)
  const running = page.getByRole("region", { name: "Running", exact: true })
  await running
    .getByRole("article")
    .nth(STAGE.running - 1)
    .waitFor()
  await page.waitForTimeout(3000)
  const still = await look(() => page.waitForTimeout(STAGE.seconds * 1000))
  await running.hover()
  const scrolled = await look(async () => {
    for (let turn = 0; turn < 100; turn += 1) await page.mouse.wheel(0, turn % 50 < 25 ? 240 : -240)
  })
  print({
    scenario: "stage",
    chats: STAGE.chats,
    running: STAGE.running,
    cards: await page.locator("[data-card]").count(),
    nodes: await page.locator("*").count(),
    framesP95Ms: p95(still.frames),
    framesP50Ms: median(still.frames),
    idleFramesP95Ms: p95(idle.frames),
    percentOfACore: round(still.core * 100),
    scrollFramesP95Ms: p95(scrolled.frames),
  })
  await page.context().close()
}

async function main() {
  const provider = fork(fileURLToPath(new URL("fake-provider.mjs", import.meta.url)))
  const [{ url: providerUrl }] = await once(provider, "message")
  const installation = new Installation()
  const browser = await chromium.launch({
    executablePath: process.env.TROUPE_CHROMIUM || "/usr/bin/chromium",
    args: FLAGS,
  })
  try {
    const server = await installation.start()
    const client = await troupeClient({
      url: server.url,
      providerUrl,
      ...FIRST_USER,
      models: ["fake-1", SHORT, BURST.model, STAGE.model, ...STREAMS],
    })
    const on = { browser, client, installation, server }
    if (parts.includes("stream")) {
      for (const model of STREAMS) {
        for (const throttle of [1, 4]) await measureStream({ ...on, model, throttle })
      }
    }
    if (parts.includes("history")) await measureHistory(on)
    if (parts.includes("trace")) await measureTrace(on)
    if (parts.includes("deltas")) await measureDeltas(on)
    if (parts.includes("stage")) await measureStage(on)
  } finally {
    await browser.close()
    await installation.close()
    provider.disconnect()
  }
}

await main()
