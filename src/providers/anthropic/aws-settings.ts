import { createCredentialChain, fromEnv, fromNodeProviderChain } from "@aws-sdk/credential-providers"
import { loadConfig, NODE_REGION_CONFIG_FILE_OPTIONS, NODE_REGION_CONFIG_OPTIONS } from "@smithy/core/config"

/**
 * What AWS's own variables, profiles and machines say of who the server is. Loaded at the first call of Bedrock, with its SDK; the
 * packages are imported by name here, since they have the older format, of which a bundler knows no names at an import on use.
 */

/** The region of variables and profiles, and on AWS's own machines that of the machine; `""` where nothing names one. */
export const awsRegion = (asksMachine: boolean): Promise<string> => {
  const { configFileSelector, default: ofMachine } = NODE_REGION_CONFIG_OPTIONS
  const region = loadConfig<string>(
    {
      environmentVariableSelector: (env) => env["AWS_REGION"] || env["AWS_DEFAULT_REGION"] || undefined,
      configFileSelector,
      default: asksMachine ? ofMachine : "",
    },
    NODE_REGION_CONFIG_FILE_OPTIONS,
  )
  return region().catch(() => "")
}

/** Credentials of variables, profiles, containers and machines, in this order; what was found is kept until it expires. */
export const awsCredentials = (): ReturnType<typeof fromNodeProviderChain> =>
  createCredentialChain(fromEnv(), fromNodeProviderChain())
