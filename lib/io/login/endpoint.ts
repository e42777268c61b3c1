import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import * as z from 'zod/mini'
import type { Config } from '../../config.ts'
import { exitCode } from '../../exit-code.ts'
import type { Bank } from '../../invariant.ts'
import { Problem } from '../../problem.ts'

const url = z.url({ protocol: /^https?$/, error: 'must be an http or https URL' })
const endpoints = z.strictObject({ authorizationEndpoint: url, tokenEndpoint: url, apiUrl: url })
const file = z.strictObject({ monzo: z.optional(endpoints), truelayer: z.optional(endpoints) })

/** Where a bank is talked to. */
export type Endpoints = z.infer<typeof endpoints>

/**
 * The addresses of a bank: those of the configuration, or of the file that the lab's stack names.
 * @throws Problem (64) when that file is not there or not as it must be
 */
export function endpointsOf(config: Config, bank: Bank, project: string): Endpoints {
  const { authorizationEndpoint, tokenEndpoint, apiUrl } = config[bank]
  if (config.bankEndpoints === undefined) return { authorizationEndpoint, tokenEndpoint, apiUrl }
  const path = resolve(project, config.bankEndpoints)
  let text: string
  try {
    text = readFileSync(path, 'utf8')
  } catch (error) {
    throw wrong(config.bankEndpoints, (error as NodeJS.ErrnoException).code ?? String(error))
  }
  const read = file.safeParse(parsed(text))
  if (!read.success) {
    const [issue] = read.error.issues
    throw wrong(config.bankEndpoints, `${issue?.path.join('.') || 'it'}: ${issue?.message ?? 'is not valid'}`)
  }
  return read.data[bank] ?? { authorizationEndpoint, tokenEndpoint, apiUrl }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined // the schema then says that it is not an object
  }
}

const wrong = (name: string, why: string): Problem =>
  new Problem(
    {
      what: 'the addresses of the banks cannot be read',
      why: `bulma:bankEndpoints names ${name}: ${why}`,
      next: 'npm run lab -- up',
      left: 'nothing was changed, and no bank was talked to',
    },
    exitCode.usage,
  )
