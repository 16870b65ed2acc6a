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

  /** Once the browser has done what is under way. */
  const after = (then) => {
    const { port1, port2 } = new MessageChannel()
    port1.addEventListener("message", () => {
      port1.close()
      then()
    })
    port1.start()
    port2.postMessage(undefined)
  }

  /** For each key that is pressed from now on: until it was handled, and until the next frame was drawn. */
  const watchKeys = () => {
    const keys = []
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

  /**
   * Until all that shows a version shows the one that the slider says after `act`, and the frame with it is drawn. Undefined where
   * `act` led to no other version.
   */
  const versionShown = (act) =>
    new Promise((resolve) => {
      const slider = document.querySelector('[role="slider"][aria-label="Version"]')
      const version = () => slider.getAttribute("aria-valuenow")
      const before = version()
      const began = performance.now()
      const isShown = () => {
        const shown = [...document.querySelectorAll("[data-version]")]
        return shown.length > 0 && shown.every((part) => part.dataset.version === version())
      }
      let looks = 0
      const look = () => {
        looks += 1
        if (version() === before) return looks > 3 ? resolve(undefined) : requestAnimationFrame(look)
        if (isShown()) return after(() => resolve(performance.now() - began))
        return requestAnimationFrame(look)
      }
      act(slider)
      requestAnimationFrame(look)
    })

  /** How long each of so many versions took to be shown, one key after the other. */
  const stepVersions = async (key, count) => {
    const times = []
    for (let step = 0; step < count; step += 1) {
      times.push(
        await versionShown((slider) => slider.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true }))),
      )
    }
    return times.filter((time) => time !== undefined)
  }

  /** The same for a pointer that is dragged along the axis in so many leaps. */
  const dragVersions = async (count) => {
    const slider = document.querySelector('[role="slider"][aria-label="Version"]')
    const { left, top, width } = slider.getBoundingClientRect()
    slider.setPointerCapture = () => {}
    slider.hasPointerCapture = () => true
    const times = []
    for (let leap = 0; leap < count; leap += 1) {
      // Far leaps, each to another place.
      const share = ((leap * 377) % 1000) / 1000
      const at = { clientX: left + share * width, clientY: top + 20, pointerId: 1, button: 0, bubbles: true }
      times.push(await versionShown(() => slider.dispatchEvent(new PointerEvent("pointermove", at))))
    }
    return times.filter((time) => time !== undefined)
  }

  return { dragVersions, follow, framesOf, stepVersions, watchKeys }
})()
