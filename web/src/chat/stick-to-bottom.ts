import { type RefObject, useCallback, useEffect, useLayoutEffect, useRef, useState } from "react"

/** How near to its end a list counts as read to the end. */
const NEAR_PX = 48

const distanceFromEnd = (box: HTMLElement): number => box.scrollHeight - box.scrollTop - box.clientHeight

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
    let lastTop = box.scrollTop
    let lastHeight = box.scrollHeight
    const remember = () => {
      lastTop = box.scrollTop
      lastHeight = box.scrollHeight
      fromEnd.current = distanceFromEnd(box)
      setAtBottom(sticking.current || fromEnd.current <= NEAR_PX)
    }
    const onScroll = () => {
      // The first steps of a smooth scroll are small: the direction tells what the reader wants, not the distance.
      const movedUp = box.scrollTop < lastTop && box.scrollHeight >= lastHeight
      sticking.current = !movedUp && distanceFromEnd(box) <= NEAR_PX
      remember()
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
