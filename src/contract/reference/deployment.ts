import type { DeploymentRoutes } from "../routes/deployment.ts"
import type { Reference } from "./reference.ts"

export const deploymentReference: Reference<typeof DeploymentRoutes> = {
  title: "Deployment",
  about: "What this server is, and what clients ask it at their start.",
  endpoints: {
    buildInfo: {
      summary: "Get version and address of the server",
      description: "Without a session: a client sees by it whether it speaks to a server that it knows.",
      permission: "anyone",
      refusals: {},
      example: {},
    },
    authMethods: {
      summary: "Get the ways to sign in",
      description: "Without a session: which of password and identity providers are on.",
      permission: "anyone",
      refusals: {},
      example: {},
    },
    siteAppearance: {
      summary: "Get how the deployment presents itself",
      description: "Without a session: name, logo, banners and links. Empty where nothing was set.",
      permission: "anyone",
      refusals: {},
      example: {},
    },
    experiments: {
      summary: "List the experiments that are on",
      description: "None: what is built is there without a switch.",
      permission: "session",
      refusals: {},
      example: {},
    },
    availableExperiments: {
      summary: "List the experiments that there are",
      description: "None: what is built is there without a switch.",
      permission: "session",
      refusals: {},
      example: {},
    },
    entitlements: {
      summary: "Get what a licence allows",
      description: "There is no licence: what is built is there. Answered for clients that ask at their start.",
      permission: "session",
      refusals: {},
      example: {},
    },
  },
}
