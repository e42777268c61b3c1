import type { SFTPWrapper } from 'ssh2'
import type { Algorithms } from '../../login/ssh-algorithm.ts'
import { lackOf } from '../../login/ssh-lack.ts'
import { type HostKeys, verifierOf, WrongHostKey } from './host-key.ts'
import { loginHandler } from './sftp-agent.ts'
import type { LoginKeys } from './sftp-identity.ts'
import { newSftpClient, type SftpClient } from './sftp-library.ts'
import type { Transport } from './sftp-transport.ts'
import { startLimit, within } from './upload-limit.ts'

/** from the first byte to an open SFTP session; what a person is asked in between does not count */
const connectMs = 10_000
/** a host that froze is noticed after this, four times */
const keepaliveMs = 3000
const keepalives = 3
/** how long a host may take to say good-bye */
const goodbyeMs = 1000

/** An open SFTP session. */
export type Connection = {
  client: SftpClient
  sftp: SFTPWrapper
  /** why it is no more, in one clause; null while it lives */
  lost(): string | null
  /** gives it up because of something that was noticed elsewhere */
  giveUp(why: string): void
  /** ends it and whatever was started for it; never fails, two or three seconds at most */
  end(): Promise<void>
}

/**
 * Logs in and opens the SFTP session.
 * @throws WrongHostKey, or an Error whose message says in one clause why ssh2 cannot
 */
export async function connectSftp(
  transport: Transport,
  of: { user: string; algorithms: Algorithms; hostKeys: HostKeys; keys: LoginKeys },
): Promise<Connection> {
  const limit = startLimit(connectMs, `no SFTP session came about within ${connectMs / 1000} s`)
  const client = newSftpClient()
  let lost: string | null = null
  let wrong: WrongHostKey | null = null
  client.on('error', (error) => {
    lost ??= clause(error)
  })
  for (const event of ['end', 'close'] as const)
    client.on(event, () => {
      lost ??= 'the connection was cut'
    })
  try {
    const stream = await limit.race(transport.ready)
    const opened = client.connect({
      sock: stream,
      username: of.user,
      algorithms: of.algorithms as object,
      hostVerifier: verifierOf(of.hostKeys, (why) => {
        wrong = why
      }),
      authHandler: loginHandler(of.user, of.keys, limit.putOff),
      // the limit here is the one that counts
      readyTimeout: 0,
      keepaliveInterval: keepaliveMs,
      keepaliveCountMax: keepalives,
    })
    const sftp = await limit.race(opened)
    // the session may end, or speak nonsense, while the connection lives
    sftp.on('error', (error: Error) => {
      lost ??= clause(error)
    })
    for (const event of ['end', 'close'] as const)
      sftp.on(event, () => {
        lost ??= 'the SFTP session was cut'
      })
    const giveUp = (why: string): void => {
      lost ??= why
      stream.destroy()
    }
    return { client, sftp, lost: () => lost, giveUp, end: () => endAll(client, transport, lost === null) }
  } catch (error) {
    await endAll(client, transport, false)
    throw wrong ?? wrongKind(lost) ?? new Error(clause(error))
  } finally {
    limit.end()
  }
}

/** The host has keys, but none of the kinds that are known: what another machine in its place could say too. */
const wrongKind = (said: string | null): WrongHostKey | null =>
  said?.includes('no host key format in common') ? new WrongHostKey('missing', '') : null

async function endAll(client: SftpClient, transport: Transport, isAlive: boolean): Promise<void> {
  // without a good-bye, or without an answer to it, the connection is cut all the same
  if (isAlive) await within(goodbyeMs, 'no answer', client.end()).catch(() => undefined)
  await transport.cut()
}

const clause = (error: unknown): string => lackOf(error instanceof Error ? error.message : String(error))
