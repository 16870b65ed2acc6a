import { type KnownHeights, type Placeable, type Range, RowOffsets } from "./row-offsets.ts"
import { distanceFromEnd, type Extent, extentOf, followsAfter, NEAR_PX } from "./stick-to-bottom.ts"

/** How far beyond what is seen rows are drawn, so that a turn of the wheel finds them there. */
const BEYOND_PX = 700

/** Less of a row than this at the upper edge is not reading it. */
const SLIVER_PX = 24

/** A row in view, and how far below the upper edge it begins and ends. */
interface Pin {
  readonly key: string
  readonly offset: number
  readonly end: number
}

/** The elements of a timeline. */
export interface Elements {
  /** The box that scrolls. */
  readonly box: HTMLElement
  /** All that is in the box. */
  readonly content: HTMLElement
  /** The rows with the room before and after them. */
  readonly list: HTMLElement
}

/** What the page shows of where the reader is. The same object until it changes. */
export interface Place {
  /** At the end, or kept there. */
  readonly atBottom: boolean
  /** Key of the first row in view. */
  readonly topRow: string | undefined
  /** Key of the row that was gone to, until the reader scrolls himself. */
  readonly target: string | undefined
  /** Counts the times that other rows have to be drawn. */
  readonly drawing: number
}

const keyOf = (element: Element | undefined | null): string | undefined =>
  element instanceof HTMLElement ? element.dataset["row"] : undefined

/**
 * Where the reader of a list of rows is, of which only those around him are drawn. He stays there whatever is drawn, measured,
 * folded or put in front, held by the rows he sees; at the end while the end grows, until he scrolls up, and again once he
 * comes back. Row elements carry their key as `data-row`.
 */
export class RowViewport {
  /** At the end, and to be kept there. */
  #sticking = true
  /** He opened or closed a row: this stays under his pointer, even at the end. */
  #holding = false
  /** From the upper edge down: those that are left when rows go tell where he was. */
  #pins: ReadonlyArray<Pin> = []
  /** Distance from the beginning of the list to the upper edge, for where no row is in view. */
  #start = 0
  /** The box when it was last looked at. */
  #last: Extent = { scrollTop: 0, scrollHeight: 0, clientHeight: 0 }
  #place: Place = { atBottom: true, topRow: undefined, target: undefined, drawing: 0 }
  #drawn: { readonly offsets: RowOffsets; readonly range: Range } | undefined
  #elements: Elements | undefined
  readonly #rows = new Map<string, HTMLElement>()
  readonly #known: KnownHeights = new Map()
  readonly #listeners = new Set<() => void>()
  readonly #sizes: ResizeObserver
  /** Runs a change so that it is drawn before this returns. */
  readonly #atOnce: (change: () => void) => void

  constructor(atOnce: (change: () => void) => void) {
    this.#atOnce = atOnce
    this.#sizes = new ResizeObserver((entries) => this.#measure(entries))
  }

  readonly place = (): Place => this.#place

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  /** Follows the box until the returned function is called. */
  attach(elements: Elements): () => void {
    const { box, content } = elements
    const onScroll = () => this.#scrolled(box)
    const onClick = ({ target }: Event) => {
      if (target instanceof Element && target.closest("[aria-expanded]") !== null) this.#hold(elements)
    }
    this.#elements = elements
    this.#sizes.observe(content)
    this.#sizes.observe(box)
    box.addEventListener("scroll", onScroll, { passive: true })
    content.addEventListener("click", onClick, { capture: true })
    return () => {
      this.#sizes.unobserve(content)
      this.#sizes.unobserve(box)
      box.removeEventListener("scroll", onScroll)
      content.removeEventListener("click", onClick, { capture: true })
      this.#elements = undefined
    }
  }

  /** For the element of each row. */
  readonly rowRef = (element: HTMLElement | null): (() => void) | undefined => {
    const key = keyOf(element)
    if (element === null || key === undefined) return undefined
    this.#rows.set(key, element)
    this.#sizes.observe(element)
    return () => {
      if (this.#rows.get(key) === element) this.#rows.delete(key)
      this.#sizes.unobserve(element)
    }
  }

  offsetsOf<R extends Placeable>(rows: ReadonlyArray<R>, guessHeight: (row: R) => number): RowOffsets {
    return new RowOffsets(rows, (index) => {
      const row = rows[index]
      return row === undefined ? 0 : (this.#known.get(row.key) ?? guessHeight(row))
    })
  }

  /** Which of the rows to draw. */
  rangeIn(offsets: RowOffsets): Range {
    const height = this.#last.clientHeight || window.innerHeight
    const pin = this.#pins.find(({ key }) => offsets.indexOf(key) !== undefined)
    const above = pin === undefined ? this.#start : offsets.startOf(offsets.indexOf(pin.key) ?? 0) - pin.offset
    const top = this.#sticking ? offsets.total - height : above
    return offsets.between(top - BEYOND_PX, top + height + BEYOND_PX)
  }

  /** These rows are in the page now. */
  drew(offsets: RowOffsets, range: Range): void {
    this.#drawn = { offsets, range }
    this.#settle()
  }

  readonly toBottom = (): void => {
    this.#sticking = true
    this.#draw({ atBottom: true, target: undefined })
  }

  /** Brings a row so far below the upper edge. */
  readonly toRow = (key: string, offset: number): void => {
    this.#sticking = false
    this.#pins = [{ key, offset, end: offset }]
    this.#draw({ target: key })
  }

  #show(change: Partial<Place>): void {
    const next = { ...this.#place, ...change }
    const { atBottom, drawing, target, topRow } = this.#place
    const isSame = next.atBottom === atBottom && next.topRow === topRow && next.target === target
    if (isSame && next.drawing === drawing) return
    this.#place = next
    for (const listener of this.#listeners) listener()
  }

  #draw(change: Partial<Place>): void {
    this.#show({ ...change, drawing: this.#place.drawing + 1 })
  }

  /** Writes down where the reader is. */
  #remember({ box, list }: Elements): void {
    const { bottom, top } = box.getBoundingClientRect()
    const pins: Array<Pin> = []
    for (const [key, element] of this.#rows) {
      const row = element.getBoundingClientRect()
      if (row.bottom > top && row.top < bottom) pins.push({ key, offset: row.top - top, end: row.bottom - top })
    }
    this.#pins = pins.sort((a, b) => a.offset - b.offset)
    this.#start = top - list.getBoundingClientRect().top
    this.#last = extentOf(box)
    const atBottom = this.#sticking || distanceFromEnd(box) <= NEAR_PX
    this.#show({ atBottom, topRow: pins.find(({ end }) => end > SLIVER_PX)?.key })
  }

  /** At the end no row is needed to know the place: nothing is measured, which matters where text comes by the frame. */
  #follow({ box, list }: Elements): void {
    this.#pins = []
    this.#start = box.getBoundingClientRect().top - list.getBoundingClientRect().top
    this.#last = extentOf(box)
    this.#show({ atBottom: true, topRow: this.#drawn?.offsets.keyAt(this.#start + SLIVER_PX) })
  }

  #hold(elements: Elements): void {
    this.#holding = true
    this.#sticking = false
    this.#remember(elements)
  }

  /** Puts the reader back to where he was, after a change to what is drawn. */
  #settle(): void {
    if (this.#elements === undefined) return
    const { box } = this.#elements
    if (this.#sticking) {
      box.scrollTop = box.scrollHeight
      this.#follow(this.#elements)
      return
    }
    const pin = this.#pins.find(({ key }) => this.#rows.has(key))
    const row = pin && this.#rows.get(pin.key)
    if (pin === undefined || row === undefined) return this.#remember(this.#elements)
    const moved = row.getBoundingClientRect().top - box.getBoundingClientRect().top - pin.offset
    if (Math.abs(moved) >= 0.5) box.scrollTop += moved
    this.#last = extentOf(box)
    const atBottom = distanceFromEnd(box) <= NEAR_PX
    if (this.#holding && atBottom) this.#sticking = true
    this.#show({ atBottom })
  }

  /** Has other rows drawn where those that are do not do. */
  #look(): void {
    if (this.#drawn === undefined) return
    const { offsets, range } = this.#drawn
    const next = this.rangeIn(offsets)
    if (next.from === range.from && next.to === range.to) return
    const focused = keyOf(document.activeElement?.closest("[data-row]"))
    const index = focused === undefined ? undefined : offsets.indexOf(focused)
    // Keys go on to scroll when the row that had the focus is no longer there.
    if (index !== undefined && (index < next.from || index >= next.to)) {
      this.#elements?.box.focus({ preventScroll: true })
    }
    this.#atOnce(() => this.#draw({}))
  }

  #scrolled(box: HTMLElement): void {
    // A box of another height is about to be seen by the observer, which puts it where it was.
    if (this.#elements === undefined || box.clientHeight !== this.#last.clientHeight) return
    // Where this has put the box itself, it is already.
    if (Math.abs(box.scrollTop - this.#last.scrollTop) > 1) this.#show({ target: undefined })
    this.#holding = false
    this.#sticking = followsAfter(this.#sticking, this.#last, box)
    this.#remember(this.#elements)
    this.#look()
  }

  #measure(entries: ReadonlyArray<ResizeObserverEntry>): void {
    for (const { borderBoxSize, target } of entries) {
      const key = keyOf(target)
      const height = borderBoxSize[0]?.blockSize
      if (key === undefined || height === undefined || !target.isConnected) continue
      this.#known.set(key, height)
      const offsets = this.#drawn?.offsets
      offsets?.setHeight(offsets.indexOf(key) ?? -1, height)
    }
    this.#settle()
    this.#look()
  }
}
