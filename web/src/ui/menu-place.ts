/** Where a box stands beside the button that opened it. */
export interface MenuPlace {
  readonly side: "top" | "bottom" | "right"
  /** Which of its edges is at the same edge of the button. */
  readonly align: "start" | "end"
}

const GAP = 6
/** It stays this far from the edges of the window. */
const MARGIN = 8

interface Box {
  readonly left: number
  readonly top: number
  readonly right: number
  readonly bottom: number
}
interface Size {
  readonly width: number
  readonly height: number
}

const within = (at: number, size: number, room: number): number => Math.max(MARGIN, Math.min(at, room - size - MARGIN))

/** Left and top of the box, and the height there is for it, in pixels of the window. It turns to the side with more room. */
export const placeOf = (opener: Box, menu: Size, room: Size, { side, align }: MenuPlace) => {
  if (side === "right") {
    const height = room.height - 2 * MARGIN
    const top = align === "start" ? opener.top : opener.bottom - menu.height
    return {
      left: within(opener.right + GAP, menu.width, room.width),
      top: within(top, Math.min(menu.height, height), room.height),
      height,
    }
  }
  const above = opener.top - GAP - MARGIN
  const below = room.height - opener.bottom - GAP - MARGIN
  const wanted = side === "top" ? above : below
  const turns = menu.height > wanted && (side === "top" ? below > above : above > below)
  const isAbove = (side === "top") !== turns
  const height = isAbove ? above : below
  return {
    left: within(align === "start" ? opener.left : opener.right - menu.width, menu.width, room.width),
    top: isAbove ? opener.top - GAP - Math.min(menu.height, height) : opener.bottom + GAP,
    height,
  }
}

export const placeBeside = (menu: HTMLElement, opener: HTMLElement, place: MenuPlace): void => {
  Object.assign(menu.style, { position: "fixed", inset: "auto", margin: "0", maxHeight: "" })
  const room = { width: document.documentElement.clientWidth, height: window.innerHeight }
  const size = { width: menu.offsetWidth, height: menu.offsetHeight }
  const { left, top, height } = placeOf(opener.getBoundingClientRect(), size, room, place)
  Object.assign(menu.style, { left: `${left}px`, top: `${top}px`, maxHeight: `${height}px` })
}
