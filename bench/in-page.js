// Runs in the page under measurement, before anything of it: what comes over its sockets, and what it shows of it, by the frame.
globalThis.probe = (() => {
  /** `{at, length}`: characters of text that had come by then, in milliseconds of the page's clock. */
  const arrivals = []
  let length = 0
  /** Between paragraphs there is no text. */
  const shownLength = (text) => text?.replaceAll("\n", "").length ?? 0
  const Plain = globalThis.WebSocket
  globalThis.WebSocket = class extends Plain {
    constructor(...given) {
      super(...given)
      this.addEventListener("message", ({ data }) => {
        const events = JSON.parse(data)
        if (!Array.isArray(events)) return
        const before = length
        for (const event of events)
          if (event.type === "message_part") length += shownLength(event.message_part.part.text)
        if (length > before) arrivals.push({ at: performance.now(), length })
      })
    }
  }

  const tasks = []
  if (PerformanceObserver.supportedEntryTypes.includes("longtask")) {
    new PerformanceObserver((list) => {
      for (const { duration, startTime } of list.getEntries()) tasks.push({ duration, startTime })
    }).observe({ type: "longtask" })
  }

  /** What `selector` finds last shows of the text that comes from now on, which has no white space but single spaces. */
  const follow = (selector, characters) =>
    new Promise((resolve) => {
      const began = performance.now()
      const first = length
      const frames = []
      let mostBehindMs = 0
      let next = arrivals.length
      let last = began
      const look = () => {
        const now = performance.now()
        frames.push(now - last)
        last = now
        const shown = first + ([...document.querySelectorAll(selector)].at(-1)?.textContent.length ?? 0)
        while (next < arrivals.length && arrivals[next].length <= shown) next += 1
        if (next < arrivals.length) mostBehindMs = Math.max(mostBehindMs, now - arrivals[next].at)
        if (shown < first + characters) return requestAnimationFrame(look)
        const long = tasks.filter(({ startTime }) => startTime >= began).map(({ duration }) => duration)
        resolve({ frames, mostBehindMs, longestTaskMs: Math.max(0, ...long), tasks: long.length, ms: now - began })
      }
      requestAnimationFrame(look)
    })

  /** Times between frames while `act` is under way. */
  const framesOf = async (act) => {
    const frames = []
    let going = true
    let last = performance.now()
    const look = () => {
      const now = performance.now()
      frames.push(now - last)
      last = now
      if (going) requestAnimationFrame(look)
    }
    requestAnimationFrame(look)
    await act()
    going = false
    return frames
  }

  /** For each key that is pressed from now on: until it was handled, and until the next frame was drawn. */
  const watchKeys = () => {
    const keys = []
    const after = (then) => {
      const { port1, port2 } = new MessageChannel()
      port1.addEventListener("message", () => {
        port1.close()
        then()
      })
      port1.start()
      port2.postMessage(undefined)
    }
    document.addEventListener(
      "keydown",
      () => {
        const began = performance.now()
        const key = {}
        keys.push(key)
        after(() => (key.handledMs = performance.now() - began))
        requestAnimationFrame(() => after(() => (key.drawnMs = performance.now() - began)))
      },
      { capture: true },
    )
    return keys
  }

  return { follow, framesOf, watchKeys }
})()
