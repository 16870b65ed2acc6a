import { clientSource } from "./client-source.ts"
import { providerSource } from "./provider-source.ts"
import { workspaceSource } from "./workspace-source.ts"

/**
 * Where tools come from. Their order is that in which a model is told of them, so a new source goes where the definitions before it
 * stay as they are; where two sources have a tool of one name, the earlier has it.
 */
export const toolSources = [workspaceSource, clientSource, providerSource]
