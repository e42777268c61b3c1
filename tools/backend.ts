import { parse } from 'yaml'
import { exitCode } from '../lib/exit-code.ts'
import { Problem } from '../lib/problem.ts'
import { readIfThere } from './executable.ts'
import { stateFolder } from './project.ts'

// Where the state lies: what Pulumi.yaml says, which a bare pulumi goes by as well, or BULMA_BACKEND_URL for one machine.
// PULUMI_BACKEND_URL does not count, since whoever has set it has set it for other projects.

/** The variable that names another backend than Pulumi.yaml does. */
export const backendVariable = 'BULMA_BACKEND_URL'

/** Where the state lies. `isOurs`: in the folder of this checkout, whose files can be read without the engine. */
export type Backend = { shown: string; isOurs: boolean }

const ours = `file://./${stateFolder}`
const known = /^(file|s3|gs|azblob|postgres|https?):\/\//
const isPostgres = (url: URL): boolean => url.protocol === 'postgres:'

/**
 * A backend's address without its password, and the password, for the engine's environment: it prints the address when
 * something goes wrong, and libpq's own variable is never printed (libpq, "Environment Variables").
 */
export function splitBackend(address: string): { address: string; password: string | null } {
  if (!URL.canParse(address)) return { address, password: null }
  const url = new URL(address)
  const inQuery = url.searchParams.get('password')
  if (!isPostgres(url) || (url.password === '' && inQuery === null)) return { address, password: null }
  const password = inQuery ?? decodeURIComponent(url.password)
  url.password = ''
  url.searchParams.delete('password')
  return { address: url.href, password }
}

/** The variables by which an engine gets at the backend that BULMA_BACKEND_URL names; none where it names none. */
export function backendEnv(env: NodeJS.ProcessEnv): Record<string, string> {
  const named = env[backendVariable]
  if (!named) return {}
  const { address, password } = splitBackend(named)
  return { PULUMI_BACKEND_URL: address, ...(password !== null && { PGPASSWORD: password }) }
}

/**
 * Where the state of the project in `dir` lies.
 * @throws Problem (64) for an address that is none, and for a password where it would be committed or printed
 */
export function backendOf(dir: string, env: NodeJS.ProcessEnv = process.env): Backend {
  const named = env[backendVariable]
  const settings = parse(readIfThere(`${dir}/Pulumi.yaml`) ?? '') as { backend?: { url?: string } } | null
  const address = named || settings?.backend?.url || ours
  if (!known.test(address) || !URL.canParse(address)) throw wrong(named, 'it is no address of a backend')
  const url = new URL(address)
  const isSecret = url.password !== '' || url.searchParams.has('password')
  if (isSecret && !named) throw wrong(named, 'it holds a password, and the file is committed')
  if (isSecret && !isPostgres(url)) throw wrong(named, 'it holds a password, which pulumi would print')
  return { shown: shownUrl(url), isOurs: address === ours }
}

/** An address for a message: without passwords and parameters. */
function shownUrl({ protocol, username, host, pathname }: URL): string {
  return `${protocol}//${username ? `${username}@` : ''}${host}${pathname}`
}

function wrong(named: string | undefined, why: string): Problem {
  const place = named ? backendVariable : 'backend.url in Pulumi.yaml'
  return new Problem(
    {
      what: `${place} cannot be used`,
      why,
      next: `set it to an address without a password, as postgres://bulma@db.example/bulma, and keep the password in ~/.pgpass`,
      left: 'nothing was looked at and nothing was changed',
    },
    exitCode.usage,
  )
}
