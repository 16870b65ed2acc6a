import { queryOptions } from "@tanstack/react-query"
import Elk, { type ElkNode } from "elkjs/lib/elk-api.js"
import type { MachineGraph } from "../../../../src/contract/inspection.ts"
import { type Chart, chartOf, isDrawable } from "./chart.ts"
import { type ChartLayout, layoutFrom, questionsOf } from "./layout.ts"

/** A machine of a file can be made so that it takes for ever. */
const PATIENCE_MS = 10_000

export interface DrawnChart {
  readonly chart: Chart
  readonly layout: ChartLayout
}

/** Lays a chart out in a worker, which ends with it. */
const laidOut = async (chart: Chart, signal: AbortSignal): Promise<ChartLayout> => {
  const worker = new Worker(new URL("./layout-worker.ts", import.meta.url), { type: "module" })
  let timer: ReturnType<typeof setTimeout> | undefined
  const stopped = new Promise<never>((_, reject) => {
    const stop = (why: string) => () => reject(new Error(why))
    timer = setTimeout(stop("It takes too long."), PATIENCE_MS)
    signal.addEventListener("abort", stop("Nobody waits for it any more."))
    worker.addEventListener("error", stop("The layout could not be loaded."))
  })
  try {
    const elk = new Elk({ workerFactory: () => worker })
    const answers = await Promise.race([
      Promise.all(questionsOf(chart).map((question): Promise<ElkNode> => elk.layout(question))),
      stopped,
    ])
    return layoutFrom(chart, answers)
  } finally {
    clearTimeout(timer)
    worker.terminate()
  }
}

/** The chart of a machine with its places: made once for each definition that this page meets. */
export const chartQuery = (definition: MachineGraph) =>
  queryOptions({
    queryKey: ["machine-chart", JSON.stringify(definition)],
    queryFn: async ({ signal }): Promise<DrawnChart> => {
      if (!isDrawable(definition)) throw new Error("This machine is too large to be drawn.")
      const chart = chartOf(definition)
      return { chart, layout: await laidOut(chart, signal) }
    },
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: Number.POSITIVE_INFINITY,
    retry: false,
  })
