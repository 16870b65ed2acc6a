/** How near to its end a list counts as read to the end. */
export const NEAR_PX = 48

/** A scrolling box at one moment, in pixels; an element is one. */
export interface Extent {
  readonly scrollTop: number
  readonly scrollHeight: number
  readonly clientHeight: number
}

export const distanceFromEnd = (box: Extent): number => box.scrollHeight - box.scrollTop - box.clientHeight

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

export const extentOf = ({ scrollTop, scrollHeight, clientHeight }: Extent): Extent => ({
  scrollTop,
  scrollHeight,
  clientHeight,
})
