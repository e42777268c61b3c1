import ssh2, {
  type AnyAuthMethod,
  type AuthHandlerMiddleware,
  type BaseAgent,
  type IdentityCallback,
  type ParsedKey,
  type SignCallback,
  type SigningRequestOptions,
} from 'ssh2'
import type { PublicKey } from '../../login/ssh-known-host.ts'
import type { LoginKeys } from './sftp-identity.ts'

/** a person may be asked for a fingerprint or a passphrase before an agent signs */
const signMs = 60_000

/** Only the keys that may be offered, in their order; never an error for want of an agent. */
class ChosenKeys extends ssh2.BaseAgent {
  readonly #agent: BaseAgent
  readonly #keys: PublicKey[]
  readonly #asks: (mostMs: number) => void

  constructor(agent: BaseAgent, keys: PublicKey[], asks: (mostMs: number) => void) {
    super()
    this.#agent = agent
    this.#keys = keys
    this.#asks = asks
  }

  override getIdentities(done: IdentityCallback): void {
    done(
      null,
      this.#keys.map(({ blob }) => blob),
    )
  }

  override sign(
    key: string | Buffer | ParsedKey,
    data: Buffer,
    options: SigningRequestOptions | SignCallback,
    done?: SignCallback,
  ): void {
    this.#asks(signMs)
    if (typeof options === 'function') this.#agent.sign(key, data, options)
    else this.#agent.sign(key, data, options, done)
  }
}

/**
 * For ssh2's `authHandler`: one key after the other, and then nothing else.
 * @param asks called before the agent signs, with how long a person may take to allow it
 */
export function loginHandler(
  user: string,
  { agent, fromAgent, fromFiles }: LoginKeys,
  asks: (mostMs: number) => void,
): AuthHandlerMiddleware {
  const attempts: AnyAuthMethod[] = [
    ...(agent === null || fromAgent.length === 0
      ? []
      : [{ type: 'agent' as const, username: user, agent: new ChosenKeys(agent, fromAgent, asks) }]),
    ...fromFiles.map(({ secret }) => ({ type: 'publickey' as const, username: user, key: secret ?? '' })),
  ]
  return (_methods, _partial, next) => next(attempts.shift() ?? (false as never))
}
