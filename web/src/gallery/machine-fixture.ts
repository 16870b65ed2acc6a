import type { MachineGraph } from "../../../src/contract/inspection.ts"

/** The chat machine as a server serves it, in short: one line for each state and each transition. */

const STATES = `
life|none||
life.none|||
life.waiting||resting|
life.error||resting,failed|
life.arriving|||
life.pending||owned,waits-for-slot|
life.running|generating|owned,working|
life.running.generating||slot,asks-model|generate
life.running.executing||slot,works-on-calls|execute
life.running.compacting||slot,asks-model|compact
life.running.backing_off||backing-off|backOff
life.running.interrupting||slot,works-on-calls|finishInterruption
life.requires_action|client_tools|owned|
life.requires_action.client_tools||asks-client|awaitClientTools
life.requires_action.approval||asks-person|
mode|normal||
mode.normal|||
mode.plan|||
mode.explore|||
mode.computer_use|||
`

const TRANSITIONS = `
life|ReconcileInvalidState|life.error||closeAttempt,cancelPendingCalls,setError,reconcile
life|SetToolPolicy||live|setToolPolicy
life.none|Create|life.arriving||appendMessages,beginTurn
life.waiting|SendMessage|life.arriving|live and queueEmpty|clearError,appendUserMessage,beginTurn
life.waiting|SendMessage|life.arriving|live and preempts|clearError,cancelPendingCalls,unsteer,countUnsteered,appendUserMessage,beginTurn
life.waiting|SendMessage|life.arriving|live and queueHasRoom|clearError,enqueue,countJoined,promoteHead,countPromotedHead,beginTurn
life.waiting|EditMessage|life.arriving|live|clearError,closeAttempt,softDeleteFrom,clearQueue,countCleared,appendUserMessage,beginTurn
life.waiting|SetArchived||live and archiving|archive
life.waiting|SetArchived||archived and unarchiving|unarchive
life.waiting|RequestCompaction|life.arriving|live|clearError,cancelPendingCalls,beginTurn,resumeCompact
life.waiting|ClearContext||live|clearContext,historyChanged
life.waiting|FinishError|life.error|live|closeAttempt,setError
life.error|SendMessage|life.arriving|live and queueEmpty|clearError,appendUserMessage,beginTurn
life.error|SendMessage|life.arriving|live and preempts|clearError,cancelPendingCalls,unsteer,countUnsteered,appendUserMessage,beginTurn
life.error|SendMessage|life.arriving|live and queueHasRoom|clearError,enqueue,countJoined,promoteHead,countPromotedHead,beginTurn
life.error|EditMessage|life.arriving|live|clearError,closeAttempt,softDeleteFrom,clearQueue,countCleared,appendUserMessage,beginTurn
life.error|DeleteQueuedMessage||live and not queueEmpty|removeQueued,countRemoved
life.error|ChangeQueuedMessage||live and not queueEmpty and not beginsToSteer|changeQueued,countChanged
life.error|PromoteQueuedMessage|life.arriving|live and not queueEmpty|clearError,cancelPendingCalls,promoteQueued,countRemoved,beginTurn
life.error|Retry|life.arriving|live|clearError,cancelPendingCalls,useModel,beginHistory,beginAgain
life.error|SetArchived||live and archiving|archive
life.error|SetArchived||archived and unarchiving|unarchive
life.error|RequestCompaction|life.arriving|live|clearError,cancelPendingCalls,beginTurn,resumeCompact
life.error|ClearContext|life.waiting|live and queueEmpty|clearError,clearContext,historyChanged
life.arriving|at once|life.pending|not slotGranted|
life.arriving|at once|life.running.executing|resumesExecute|takeSlot
life.arriving|at once|life.running.compacting|resumesCompact|takeSlot
life.arriving|at once|life.running.generating|hasSteer|takeSlot
life.arriving|at once|life.running.generating||takeSlot,countAttempt,openAttempt
life.pending|Admit|life.running.executing|resumesExecute|takeSlot
life.pending|Admit|life.running.compacting|resumesCompact|takeSlot
life.pending|Admit|life.running.generating|hasSteer|takeSlot
life.pending|Admit|life.running.generating||takeSlot,countAttempt,openAttempt
life.pending|SendMessage||preempts|clearError,cancelPendingCalls,unsteer,countUnsteered,appendUserMessage,beginTurn
life.pending|SendMessage||queueHasRoom|enqueue,countEnqueued
life.pending|EditMessage||live|clearError,closeAttempt,softDeleteFrom,clearQueue,countCleared,appendUserMessage,beginTurn
life.pending|DeleteQueuedMessage||not queueEmpty|removeQueued,countRemoved
life.pending|ChangeQueuedMessage||not queueEmpty|changeQueued,countChanged
life.pending|PromoteQueuedMessage||not queueEmpty|moveToHead,countUnsteered
life.pending|Interrupt|life.waiting|queueEmpty|cancelPendingCalls,beginTurn
life.pending|Interrupt|||cancelPendingCalls,promoteHead,countPromotedHead,beginTurn
life.pending|FinishError|life.error||closeAttempt,setError
life.running|SendMessage|life.running.interrupting|queueHasRoom and interrupts|enqueue,countEnqueued,closeAttempt
life.running|SendMessage||queueHasRoom|enqueue,countEnqueued
life.running|EditMessage|life.running.generating|live|clearError,closeAttempt,softDeleteFrom,clearQueue,countCleared,appendUserMessage,beginTurn
life.running|DeleteQueuedMessage||not queueEmpty|removeQueued,countRemoved
life.running|ChangeQueuedMessage||not queueEmpty|changeQueued,countChanged
life.running|PromoteQueuedMessage|life.running.interrupting|not queueEmpty|moveToHead,countUnsteered,closeAttempt
life.running|Interrupt|life.running.interrupting||closeAttempt
life.running|FinishError|life.error||closeAttempt,setError
life.running.generating|ACTIVATE|||
life.running.generating|RecordGenerationAttempt|||countAttempt,openAttempt
life.running.generating|RecordRetryState|life.running.backing_off||closeAttempt,setRetryState
life.running.generating|RecordToolCalls|life.running.executing||appendMessages,recordToolCalls,historyChanged,countStep
life.running.generating|Steer||hasSteer|closeAttempt,promoteSteers,countSteered,historyChanged
life.running.generating|FinishTurn|life.waiting|queueEmpty|appendMessages,beginTurn
life.running.generating|FinishTurn|life.arriving||appendMessages,promoteHead,countPromotedHead,beginTurn
life.running.generating|Yield|life.pending||closeAttempt,resumeGenerate
life.running.executing|ACTIVATE|||
life.running.executing|RecordGenerationAttempt|||countAttempt,openAttempt
life.running.executing|StopToolCall|||stopCall
life.running.executing|CommitStep|life.running.generating||appendMessages,historyChanged
life.running.executing|FinishTurn|life.waiting|queueEmpty|appendMessages,beginTurn
life.running.executing|FinishTurn|life.arriving||appendMessages,promoteHead,countPromotedHead,beginTurn
life.running.executing|EnterRequiresAction|life.requires_action.client_tools||appendMessages,historyChanged,setDeadline
life.running.executing|RequireApproval|life.requires_action.approval||closeAttempt
life.running.executing|Yield|life.pending||closeAttempt,resumeExecute
life.running.compacting|ACTIVATE|||
life.running.compacting|CommitCompaction|life.waiting|queueEmpty|appendMessages,beginTurn
life.running.compacting|CommitCompaction|life.arriving||appendMessages,promoteHead,countPromotedHead,beginTurn
life.running.compacting|Yield|life.pending||noChange,resumeCompact
life.running.backing_off|ACTIVATE|||
life.running.backing_off|RecordGenerationAttempt|life.running.generating||countAttempt,openAttempt
life.running.backing_off|Retry|life.arriving||useModel,resumeGenerate
life.running.backing_off|Yield|life.pending||noChange,resumeGenerate
life.running.interrupting|ACTIVATE|||
life.running.interrupting|SendMessage||queueHasRoom|enqueue,countEnqueued
life.running.interrupting|ChangeQueuedMessage||live and not queueEmpty and not beginsToSteer|changeQueued,countChanged
life.running.interrupting|PromoteQueuedMessage||not queueEmpty|moveToHead,countUnsteered
life.running.interrupting|EditMessage|life.arriving|live|clearError,closeAttempt,softDeleteFrom,clearQueue,countCleared,appendUserMessage,beginTurn
life.running.interrupting|FinishInterruption|life.waiting|queueEmpty|appendMessages,cancelPendingCalls,beginTurn
life.running.interrupting|FinishInterruption|life.arriving||appendMessages,cancelPendingCalls,promoteHead,countPromotedHead,beginTurn
life.requires_action|SendMessage|life.arriving|preempts|clearError,cancelPendingCalls,unsteer,countUnsteered,appendUserMessage,beginTurn
life.requires_action|SendMessage|life.arriving|queueHasRoom and interrupts|cancelPendingCalls,historyChanged,enqueue,countEnqueued,resumeGenerate
life.requires_action|SendMessage||queueHasRoom|enqueue,countEnqueued
life.requires_action|EditMessage|life.arriving|live|clearError,closeAttempt,softDeleteFrom,clearQueue,countCleared,appendUserMessage,beginTurn
life.requires_action|DeleteQueuedMessage||not queueEmpty|removeQueued,countRemoved
life.requires_action|ChangeQueuedMessage||not queueEmpty|changeQueued,countChanged
life.requires_action|PromoteQueuedMessage|life.arriving|live and not queueEmpty|clearError,cancelPendingCalls,promoteQueued,countRemoved,beginTurn
life.requires_action|Interrupt|life.arriving||cancelPendingCalls,historyChanged,resumeGenerate
life.requires_action.client_tools|ACTIVATE|||
life.requires_action.client_tools|CompleteRequiresAction|life.arriving||appendMessages,historyChanged,resumeGenerate
life.requires_action.client_tools|CancelRequiresAction|life.arriving||cancelPendingCalls,historyChanged,resumeGenerate
life.requires_action.approval|DecideApproval|life.arriving|allDecided|decideApprovals,resumeExecute
life.requires_action.approval|DecideApproval|||decideApprovals
life.requires_action.approval|SetToolPolicy|life.arriving|allDecided|setToolPolicy,decideApprovals,resumeExecute
life.requires_action.approval|SetToolPolicy|||setToolPolicy,decideApprovals
mode.normal|SetMode|mode.plan|toPlan|noChange
mode.normal|SetMode||toNormal|noChange
mode.plan|SetMode|mode.normal|toNormal|noChange
mode.plan|SetMode||toPlan|noChange
`

const lines = (text: string) =>
  text
    .trim()
    .split("\n")
    .map((line) => line.split("|"))
const words = (list = "") => list.split(",").filter((word) => word !== "")

export const machineGraph: MachineGraph = {
  id: "chat",
  version: 1,
  states: lines(STATES).map(([path = "", initial = "", tags, effects]) => ({
    path,
    type: initial === "" ? "atomic" : "compound",
    ...(initial !== "" && { initial }),
    tags: words(tags),
    effects: words(effects),
  })),
  transitions: lines(TRANSITIONS).map(([source = "", event = "", target = "", guard = "", actions]) => ({
    source,
    event,
    target: target === "" ? source : target,
    ...(guard !== "" && { guard }),
    actions: words(actions),
  })),
}
