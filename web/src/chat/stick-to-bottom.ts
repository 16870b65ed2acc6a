import { type RefObject, useCallback, useEffect, useLayoutEffect, useRef, useState } from "react"

/** How near to its end a list counts as read to the end. */
const NEAR_PX = 48

/** A scrolling box at one moment, in pixels; an element is one. */
export interface Extent {
  readonly scrollTop: number
  readonly scrollHeight: number
  readonly clientHeight: number
}

const distanceFromEnd = (box: Extent): number => box.scrollHeight - box.scrollTop - box.clientHeight

/**
 * Whether the box follows its content after a scroll. Only the reader ends it, by going up: not the browser, which moves a
 * box that became taller or whose content became shorter, and not content that grew since the box was last put at its end.
 */
export const followsAfter = (followed: boolean, before: Extent, now: Extent): boolean => {
  if (now.clientHeight !== before.clientHeight) return followed
  // The first steps of a smooth scroll are small: the direction tells what the reader wants, not the distance.
  if (now.scrollTop < before.scrollTop && now.scrollHeight >= before.scrollHeight) return false
  return followed || distanceFromEnd(now) <= NEAR_PX
}

const extentOf = ({ scrollTop, scrollHeight, clientHeight }: Extent): Extent => ({
  scrollTop,
  scrollHeight,
  clientHeight,
})

export interface StickToBottom {
  readonly boxRef: RefObject<HTMLDivElement | null>
  readonly contentRef: RefObject<HTMLDivElement | null>
  readonly atBottom: boolean
  readonly toBottom: () => void
}

/**
 * Keeps a scrolling box at its end while its content grows, until the reader scrolls up; again once he comes back.
 * When `firstKey` changes, rows were put in front: the rows in view stay where they are.
 */
export const useStickToBottom = (firstKey: number | undefined): StickToBottom => {
  const boxRef = useRef<HTMLDivElement>(null)
  const contentRef = useRef<HTMLDivElement>(null)
  const sticking = useRef(true)
  const fromEnd = useRef(0)
  const [atBottom, setAtBottom] = useState(true)

  const toBottom = useCallback(() => {
    const box = boxRef.current
    if (box === null) return
    sticking.current = true
    setAtBottom(true)
    box.scrollTop = box.scrollHeight
  }, [])

  useEffect(() => {
    const box = boxRef.current
    const content = contentRef.current
    if (box === null || content === null) return
    let last = extentOf(box)
    const remember = () => {
      last = extentOf(box)
      fromEnd.current = distanceFromEnd(box)
      setAtBottom(sticking.current || fromEnd.current <= NEAR_PX)
    }
    const onScroll = () => {
      // A box of another height is about to be seen by the observer, which puts it at its end.
      if (box.clientHeight === last.clientHeight) {
        sticking.current = followsAfter(sticking.current, last, box)
        remember()
      }
    }
    const onGrowth = () => {
      if (sticking.current) box.scrollTop = box.scrollHeight
      remember()
    }
    const growth = new ResizeObserver(onGrowth)
    growth.observe(content)
    growth.observe(box)
    box.addEventListener("scroll", onScroll, { passive: true })
    return () => {
      growth.disconnect()
      box.removeEventListener("scroll", onScroll)
    }
  }, [])

  useLayoutEffect(() => {
    const box = boxRef.current
    if (box !== null && !sticking.current) box.scrollTop = box.scrollHeight - box.clientHeight - fromEnd.current
  }, [firstKey])

  return { boxRef, contentRef, atBottom, toBottom }
}
